import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

/// A connector on a real wire to a stand-in, with what the contract must see and do on the other side.
protocol Bench: Sendable {
    var connector: any Connector { get }
    var wire: any Wire { get }
    var faults: FaultPlan { get }

    /// How many records of this reference the stand-in has.
    func copies(_ reference: Reference) -> Int
    /// The attachments of the order's first record: name and bytes.
    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])]
    /// The notes of the order's first record, as text.
    func notes(_ reference: Reference) -> [String]
    /// A technician repairs and closes: 1.5 hours, one `DIE-4`, cause `WEAR`, notes "Die changed", by WILSON.
    func repair(_ reference: Reference)
    /// The planned date in the order's first record, where its creation put it.
    func plannedDate(_ reference: Reference) -> Timestamp?
    /// All else in that record, without the stamps of its change.
    func facts(_ reference: Reference) -> JSON
    /// Makes the order one that people made: what says that it is ours is gone.
    func disown(_ reference: Reference)
    func cancel(_ reference: Reference)
    func remove(_ reference: Reference)
    /// Every session and token that was given out is worth nothing from now on.
    func expireSessions()
    func stop() async throws
    /// Whether the system takes the same order twice. One that does not has a key of ours that is unique there.
    var takesCopies: Bool { get }
    /// Whether the system is asked over HTTP, whose statuses have meanings.
    var speaksHTTP: Bool { get }
    /// Whether the system says that a record is gone.
    var seesRemoval: Bool { get }
}

extension Bench {
    var takesCopies: Bool { true }
    var speaksHTTP: Bool { true }
    var seesRemoval: Bool { true }
    func disown(_ reference: Reference) {}
    func plannedDate(_ reference: Reference) -> Timestamp? { nil }
    func facts(_ reference: Reference) -> JSON { .null }
}

extension [String: JSON] {
    func without(_ names: String...) -> JSON { .object(filter { !names.contains($0.key) }) }
}

/// What a clock on the wall there shows (`2026-12-01T07:30:00`) as a moment.
func moment(_ text: String?, in zone: String) -> Timestamp? {
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(identifier: zone)
    form.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
    return text.flatMap { form.date(from: $0) }.map {
        Timestamp(microseconds: Int64($0.timeIntervalSince1970) * 1_000_000)
    }
}

/// Reads options as the configuration file would give them.
func options(_ members: [String: String], tables: [String: [String: String]] = [:]) -> Settings {
    func entry(_ key: String, _ value: Settings) -> Settings.Entry {
        Settings.Entry(key: key, keyLine: 1, keyColumn: 1, value: value)
    }
    func scalar(_ text: String, _ path: String) -> Settings {
        Settings(.scalar(text, quoted: false), line: 1, column: 1, path: path)
    }
    func map(_ entries: [Settings.Entry], _ path: String) -> Settings {
        Settings(.map(entries), line: 1, column: 1, path: path)
    }
    var entries = members.map { entry($0, scalar($1, $0)) }
    for (name, table) in tables {
        entries.append(entry(name, map(table.map { entry($0, scalar($1, "\(name).\($0)")) }, name)))
    }
    return map(entries, "")
}

let testSecrets = SecretSource(
    environment: { ["KEY": "test-key", "READ_KEY": "read-key", "PASS": "secret"][$0] }, file: { _ in nil })

extension Reference {
    /// A new one for each test of a shared stand-in.
    static func fresh() -> Reference { Reference(from: SystemRandom()) }
}
