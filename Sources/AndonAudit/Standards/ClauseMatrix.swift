import AndonModel

/// Which records show what each clause asks for, and which lack what: the gaps are shown, not hidden.
public struct ClauseMatrix: Sendable {
    public struct Line: Sendable {
        public var clause: Standard.Clause
        /// Records that have all that the clause asks for.
        public var complete: Int
        /// How many records lack each kind of evidence.
        public var missing: [EvidenceKind: Int]
        /// The first references of records that lack something.
        public var examples: [Reference]
    }

    public let standard: Standard
    public private(set) var records = 0
    /// Records with detection, response, root cause and resolution.
    public private(set) var whole = 0
    public private(set) var lines: [Line]
    /// What the system as a whole shows.
    public var system: [SystemFinding] = []

    /// Examples of a gap that are named.
    public static let examplesMax = 10

    public init(_ standard: Standard) {
        self.standard = standard
        lines = standard.clauses.map { Line(clause: $0, complete: 0, missing: [:], examples: []) }
    }

    /// What is found of the evidence that a clause asks of the whole system; what nobody brought is missing.
    public func findings(_ clause: Standard.Clause) -> [SystemFinding] {
        clause.system.map { evidence in
            system.first { $0.evidence == evidence }
                ?? SystemFinding(evidence, .missing, "this package has nothing of it")
        }
    }

    /// Counts a record in.
    public mutating func add(_ record: TraceableRecord) {
        records += 1
        if record.isComplete { whole += 1 }
        for index in lines.indices where !lines[index].clause.record.isEmpty {
            let missing = record.missing(lines[index].clause.record)
            guard !missing.isEmpty else {
                lines[index].complete += 1
                continue
            }
            for kind in missing { lines[index].missing[kind, default: 0] += 1 }
            if lines[index].examples.count < Self.examplesMax { lines[index].examples.append(record.reference) }
        }
    }
}

extension ClauseMatrix.Line {
    /// What is missing, the most frequent first.
    public var gaps: String {
        missing.sorted { ($0.value, $1.key.rawValue) > ($1.value, $0.key.rawValue) }
            .map { "\($0.key.phrase) (\($0.value))" }.joined(separator: ", ")
    }
}
