import AndonLedger
import AndonModel
import AndonTransparency
import Crypto

/// What a signature says of what it signs (21 CFR 11.50(a)(3)).
public enum SignatureMeaning: String, Sendable, CaseIterable {
    case authorship
    case responsibility
    case review
    case approval
}

/// What is signed.
public enum SignedThing: String, Sendable, CaseIterable {
    /// An order's record while the order is open: a disposition, a containment.
    case record
    /// An order's record after it ended.
    case closure
    /// A version of the rules.
    case rules
    /// A compliance package.
    case export

    /// Who may sign it with which meaning (21 CFR 11.10(g)).
    public func roles(for meaning: SignatureMeaning) -> [Role] {
        switch (self, meaning) {
        case (.record, .authorship), (.record, .responsibility), (.closure, .authorship), (.closure, .responsibility):
            [.technician, .planner, .qualityEngineer]
        case (.record, .review), (.closure, .review): [.planner, .qualityEngineer, .auditor]
        case (.record, .approval), (.closure, .approval): [.planner, .qualityEngineer]
        case (.rules, .authorship), (.rules, .responsibility): [.planner, .qualityEngineer, .administrator]
        case (.rules, .review), (.rules, .approval): [.qualityEngineer]
        case (.export, .review): [.qualityEngineer, .auditor]
        case (.export, _): [.qualityEngineer]
        }
    }
}

/// The text that a person's key signs: a note (c2sp.org/signed-note) whose lines say what is signed, with what meaning, by
/// which account, when, and the entries of the ledger that it rests on, with one digest over all of them. It cannot be cut
/// out and put under something else: any other record has other entries (21 CFR 11.70).
public struct SignatureStatement: Sendable, Equatable {
    /// The subject in the ledger: an order's reference, `rules/3`, `export/…`.
    public var subject: String
    public var thing: SignedThing
    public var meaning: SignatureMeaning
    /// One line; nil for none.
    public var reason: String?
    public var account: Int64
    public var at: Timestamp
    /// Ascending.
    public var entries: [Int64]
    /// SHA-256, 32 bytes: see ``digest(_:)``.
    public var digest: [UInt8]

    /// SHA-256 over each entry's index (8 bytes, most significant first) and leaf hash (32 bytes), ascending.
    public static func digest(_ leaves: [(index: Int64, leaf: [UInt8])]) -> [UInt8] {
        var hash = SHA256()
        for (index, leaf) in leaves {
            withUnsafeBytes(of: index.bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: leaf)
        }
        return Array(hash.finalize())
    }

    private static let title = "andon electronic signature"

    public var text: String {
        """
        \(Self.title)
        of: \(subject)
        what: \(thing.rawValue)
        meaning: \(meaning.rawValue)
        reason: \(reason ?? "")
        account: \(account)
        time: \(at)
        entries: \(IndexList.text(entries))
        record: \(Hex.text(digest))

        """
    }

    public init(
        subject: String, thing: SignedThing, meaning: SignatureMeaning, reason: String?, account: Int64, at: Timestamp,
        entries: [Int64], digest: [UInt8]
    ) {
        (self.subject, self.thing, self.meaning, self.reason) = (subject, thing, meaning, reason)
        (self.account, self.at, self.entries, self.digest) = (account, at, entries, digest)
    }

    /// Nil for any text that is not in the one form.
    public init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let names = ["of", "what", "meaning", "reason", "account", "time", "entries", "record"]
        guard lines.count == names.count + 2, lines[0] == Self.title else { return nil }
        var values: [String] = []
        for (name, line) in zip(names, lines.dropFirst()) {
            guard line.hasPrefix("\(name): ") else { return nil }
            values.append(String(line.dropFirst(name.count + 2)))
        }
        guard let thing = SignedThing(rawValue: values[1]), let meaning = SignatureMeaning(rawValue: values[2]),
            let account = Int64(plainDecimal: values[4]), let at = Timestamp(values[5]),
            let entries = IndexList.indexes(values[6]), let digest = Hex.bytes(values[7])
        else { return nil }
        self.init(
            subject: values[0], thing: thing, meaning: meaning, reason: values[3].isEmpty ? nil : values[3],
            account: account, at: at, entries: entries, digest: digest)
        guard self.text == text else { return nil }
    }
}
