/// The result of holding the tables of facts against the ledger.
public struct FactsVerification: Sendable {
    /// Rows that are what their entries say.
    public var rows = 0
    /// Rows whose entries say less, by table: those of versions that did not write digests.
    public var uncovered: [String: Int] = [:]
    /// In the order in which they were found; not more than `faultsMax`.
    public var faults: [Fault] = []

    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        public var table: String
        /// As people name it: an id, a reference, a number.
        public var row: String
        /// The entry that says otherwise; nil where none says anything.
        public var entry: Int64?
        public var reason: String

        public var description: String {
            "\(table) \(row)\(entry.map { " (entry \($0))" } ?? ""): \(reason)"
        }
    }

    public static let faultsMax = 100
    public var isWhole: Bool { faults.isEmpty }
}

extension Reader {
    /// Holds the tables of facts against the entries, which `verifyLedger` has found to be what was written: names each
    /// row that is not what the newest entry about it says, each row without an entry, and each entry without its row.
    /// Memory does not grow with the tables but by what is under way (attempts without an answer, alarms that are up)
    /// and by assets and holds.
    ///
    /// What it leaves out stands in docs/ledger.md.
    public func verifyFacts(progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in }) throws -> FactsVerification {
        let verifier = try FactsVerifier(self)
        return try verifier.run(progress: progress)
    }
}
