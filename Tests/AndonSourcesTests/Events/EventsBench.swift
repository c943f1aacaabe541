import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging

@testable import AndonSources

/// A source of events of which the test has the intake and the time in hand.
struct EventsBench {
    let time = TestTime()
    let folder: TemporaryFolder
    let store: Store
    let intake = CollectingIntake()
    let source: EventsSource

    struct Failed: Error { var words: [String] }

    static func settings(_ options: [String: JSON]) -> (EventsSettings, [String]) {
        let faults = SettingsFaults()
        let settings = EventsSettings(
            reading: SettingsReader(
                MapperTests.settings(.object(options), "sources.edge"), faults: faults,
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
        return (settings, faults.faults.map { "\($0.path): \($0.message)" })
    }

    init(_ options: [String: JSON], pictureBytesMax: Int = 1000) throws {
        folder = try TemporaryFolder("andon-events")
        store = try Store(folder: try TestDatabase.folder(folder.path), time: time, random: SeededSource(seed: 1))
        source = try Self.source(options, store, intake, time, pictureBytesMax)
    }

    /// The same store with another configuration, as after a restart.
    func again(_ options: [String: JSON]) throws -> EventsSource {
        try Self.source(options, store, intake, time, 1000)
    }

    private static func source(
        _ options: [String: JSON], _ store: Store, _ intake: CollectingIntake, _ time: TestTime, _ pictureBytesMax: Int
    ) throws -> EventsSource {
        let (settings, faults) = settings(options)
        guard faults.isEmpty else { throw Failed(words: faults) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return EventsSource(
            name: "edge", settings: settings, store: store, intake: intake, time: time, logger: logger,
            pictureBytesMax: pictureBytesMax)
    }

    func delivery(_ body: JSON, picture: [UInt8]? = nil, query: [String: String] = [:]) -> EventDelivery {
        EventDelivery(body: body, picture: picture.map { .bytes($0) } ?? .none, query: query, receivedAt: time.now())
    }

    @discardableResult
    func take(_ body: JSON, picture: [UInt8]? = nil, query: [String: String] = [:]) async throws -> [EventOutcome] {
        try await source.take(delivery(body, picture: picture, query: query))
    }

    /// The reports so far.
    var reports: [JSON] { intake.now.documents }

    func refusals() async throws -> [SourceRefusal] { try await store.read { try $0.sourceRefusals(of: "edge") } }

    /// What Roboflow's own classes write (Counterpart/roboflow.py).
    static func roboflow(_ name: String) throws -> JSON {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Counterpart/roboflow.json")
        let samples = try JSON(parsing: Array(try Data(contentsOf: file)))
        guard let sample = samples[name] else { throw Failed(words: ["no sample \(name)"]) }
        return sample
    }
}

extension EventOutcome {
    var id: String? { if case .taken(let id, _, _) = self { id } else { nil } }
    var isRepeated: Bool { if case .taken(_, true, _) = self { true } else { false } }
    var refusal: String? { if case .refused(_, let reason) = self { reason } else { nil } }
    var skip: String? { if case .skipped(let reason) = self { reason } else { nil } }
}

/// The same bytes, or missing for the same reason.
extension SourcePicture: Equatable {
    public static func == (left: SourcePicture, right: SourcePicture) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.missing(let one), .missing(let other)): one == other
        default: left.sha256 != nil && left.sha256 == right.sha256
        }
    }
}
