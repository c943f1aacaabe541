import AndonLedger
import AndonModel
import Foundation
import Logging
import Synchronization

/// What one request brought.
public struct EventDelivery: Sendable {
    /// One message, or a list of them.
    public var body: JSON
    /// Of a multipart body; belongs to its one message.
    public var picture: SourcePicture
    /// The address's parameters.
    public var query: [String: String]
    public var receivedAt: Timestamp

    public init(
        body: JSON, picture: SourcePicture = .none, query: [String: String] = [:], receivedAt: Timestamp
    ) {
        (self.body, self.picture, self.query, self.receivedAt) = (body, picture, query, receivedAt)
    }
}

/// What became of one report's share of a delivery.
public enum EventOutcome: Sendable, Hashable {
    case taken(id: String, isRepeated: Bool, pictureMissing: String?)
    /// Counted, and no report.
    case skipped(String)
    /// Kept for people to look at.
    case refused(place: String, reason: String)
}

/// Takes in what a vision system sends in its own words: once, however often it is sent, and nothing dropped in silence.
public final class EventsSource: Sendable {
    public let name: String
    public let settings: EventsSettings
    public let board: SourceBoard
    let mapper: EventMapper
    private let intake: any SourceIntake
    private let journal: SourceJournal
    private let time: any TimeSource
    private let logger: Logger
    private let pictureBytesMax: Int
    private let watch: AcceptanceWatch
    private let state = Mutex(State())

    private struct State: Sendable {
        /// Keys of events that are kept as refusals.
        var refused: Set<String> = []
        var isAlarmed: Bool?
    }

    public init(
        name: String, settings: EventsSettings, store: Store, intake: any SourceIntake, time: any TimeSource,
        logger: Logger, pictureBytesMax: Int
    ) {
        (self.name, self.settings, self.intake) = (name, settings, intake)
        (self.time, self.logger, self.pictureBytesMax) = (time, logger, pictureBytesMax)
        mapper = EventMapper(source: name, settings: settings)
        journal = SourceJournal(store: store, source: name)
        board = SourceBoard(at: time.now())
        watch = AcceptanceWatch(limit: settings.latencyMax)
    }

    /// Until it is cancelled: tries once more what was refused, and looks after the alarm of late reports.
    public func run() async {
        board.enter(.waiting, at: time.now())
        await retryRefusals()
        while !Task.isCancelled {
            await watchLatency()
            if (try? await time.sleep(for: .seconds(1))) == nil { break }
        }
        board.enter(.stopped, at: time.now())
    }

    /// Takes a delivery in. Returns when each of its messages is durable as a report, or kept as a refusal, or known already.
    ///
    /// - Parameter mayReport: whether who sends it may report of a camera or an asset; asked before anything is taken in.
    /// - Throws: what ``SourceIntake/take(_:picture:)`` throws, and what `mayReport` does; what was taken in by then stays, and
    ///   is known when the delivery is sent again.
    public func take(
        _ delivery: EventDelivery, mayReport: (_ camera: String, _ asset: String?) throws -> Void = { _, _ in }
    ) async throws -> [EventOutcome] {
        let mapped = mapper.mapped(delivery)
        var reports = 0
        for case .report(let report) in mapped {
            try mayReport(report.camera, report.asset)
            reports += 1
        }
        var delivery = delivery
        if reports > 1, case .arrived(let picture) = delivery.picture {
            delivery.picture = .bytes(try await picture.bytes())
        }
        var outcomes: [EventOutcome] = []
        for part in mapped { outcomes.append(try await settle(part, delivery)) }
        board.update { $0.lastEventAt = delivery.receivedAt }
        board.enter(.connected, at: time.now())
        return outcomes
    }

    // MARK: One report

    private func settle(_ part: MappedEvent, _ delivery: EventDelivery) async throws -> EventOutcome {
        switch part {
        case .skipped(let reason):
            // A sender's words must not make the list endless.
            board.update { standing in
                let name = standing.skipped[reason] != nil || standing.skipped.count < 50 ? reason : "others"
                standing.skipped[name, default: 0] += 1
            }
            return .skipped(reason)
        case .refused(let key, let place, let reason, let fields):
            return try await refuse(key, place, reason, fields)
        case .report(let report):
            guard try await !intake.isKnown(report.id) else {
                board.update { $0.repeated += 1 }
                return .taken(id: report.id, isRepeated: true, pictureMissing: nil)
            }
            return try await put(report, try await picture(of: report, delivery), delivery.receivedAt)
        }
    }

    private func put(
        _ report: MappedEvent.Report, _ picture: SourcePicture, _ receivedAt: Timestamp?
    ) async throws -> EventOutcome {
        switch try await intake.take(report.document, picture: picture) {
        case .accepted(let missing):
            try await forget(report.key)
            if report.isStamped, receivedAt != nil { watch.add(time.now() - report.detectedAt) }
            board.update { standing in
                standing.received += 1
                if missing != nil { standing.withoutPicture += 1 }
            }
            return .taken(id: report.id, isRepeated: false, pictureMissing: missing)
        case .repeated:
            board.update { $0.repeated += 1 }
            return .taken(id: report.id, isRepeated: true, pictureMissing: nil)
        case .refused(let problem):
            let fault = problem.errors.first
            let words = fault.map { "\($0.pointer): \($0.detail)" } ?? problem.detail
            return try await refuse(
                report.key, fault?.pointer ?? "", "the intake refuses the report: \(words)", report.fields)
        }
    }

    private func refuse(
        _ key: String, _ place: String, _ reason: String, _ fields: FieldValue
    ) async throws -> EventOutcome {
        let refusal = SourceRefusal(
            event: key.cut(to: 300), at: time.now(), place: place, reason: reason, fields: fields.json)
        try await journal.keep(refusal)
        state.withLock { state in
            // As many as are kept: what is gone from there needs not be forgotten.
            if state.refused.count > 10 * SourceRefusal.keptMax { state.refused.removeAll() }
            state.refused.insert(refusal.event)
        }
        board.update { standing in
            standing.refused += 1
            standing.lastError = reason.cut(to: 500).asOneLine
        }
        logger.error("what came made no report", metadata: ["source": "\(name)", "reason": "\(reason.asOneLine)"])
        return .refused(place: place, reason: reason)
    }

    private func forget(_ key: String) async throws {
        let event = key.cut(to: 300)
        guard state.withLock({ $0.refused.remove(event) != nil }) else { return }
        try await journal.forget(event)
    }

    /// What was refused is tried once more with the mapping that is in force now.
    private func retryRefusals() async {
        guard let kept = try? await journal.refusals() else { return }
        state.withLock { $0.refused.formUnion(kept.map(\.event)) }
        for refusal in kept.reversed() where refusal.fields != .null {
            guard case .report(let report) = mapper.again(FieldValue(refusal.fields), key: refusal.event) else {
                continue
            }
            let picture: SourcePicture =
                report.expectsPicture ? .missing("the event was refused at first, and its picture was not kept") : .none
            if case .taken? = try? await put(report, picture, nil) { try? await journal.forget(refusal.event) }
        }
    }

    // MARK: Pictures

    private func picture(of report: MappedEvent.Report, _ delivery: EventDelivery) async throws -> SourcePicture {
        if case .none = delivery.picture {} else { return delivery.picture }
        guard let picture = settings.picture else {
            return report.picture.map { decoded($0, "what the event carries") } ?? .none
        }
        if picture.of == .defects, !report.hasDefects { return .none }
        switch picture.place {
        case .field(let place):
            guard let text = report.fields.value(at: place)?.text ?? report.pictureField else {
                return .missing("the field \(place) holds no text")
            }
            return decoded(text, "the field \(place)")
        case .folder(let folder, let path):
            guard let path = path.words(in: report.fields) else {
                return .missing("the path \(path.source) has no value in what came")
            }
            do {
                return .bytes(
                    try await SharedFolder(folder: folder, time: time).read(
                        path, stableFor: picture.stableFor, wait: picture.wait, bytesMax: pictureBytesMax))
            } catch let failure as SharedFolder.Failure {
                return .missing("\(failure)")
            }
        // Pictures of an OPC UA server.
        case .transfer, .file, .variable: return .none
        }
    }

    /// RFC 4648 section 4, also after `data:image/jpeg;base64,` (RFC 2397).
    private func decoded(_ text: String, _ place: String) -> SourcePicture {
        let base = text.hasPrefix("data:") ? text.split(separator: ",", maxSplits: 1).last.map(String.init) ?? "" : text
        guard let bytes = Data(base64Encoded: base), !bytes.isEmpty else {
            return .missing("\(place) is not base64")
        }
        guard bytes.count <= pictureBytesMax else {
            return .missing("the picture has more than \(pictureBytesMax) bytes (intake.pictureBytesMax)")
        }
        return .bytes([UInt8](bytes))
    }

    // MARK: Late reports

    private func watchLatency() async {
        let (figures, slow) = watch.look(at: time.uptime())
        board.update { standing in
            standing.latency = figures
            standing.isSlow = slow
        }
        guard state.withLock({ $0.isAlarmed }) != slow else { return }
        if (try? await journal.alarm("vision-slow", slow ? watch.words(figures, of: name) : nil)) != nil {
            state.withLock { $0.isAlarmed = slow }
        }
    }
}
