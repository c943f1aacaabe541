import AndonModel
import AndonTransparency

/// The keys of a ledger, one after the other, as its own entries say: the first at its first start, each further one
/// signed for by the one before.
public struct KeyChain: Sendable, Equatable {
    public struct Link: Sendable, Equatable {
        /// Of the entry that put the key in force: it signs for trees that have this entry.
        public var index: Int64
        public var key: VerifierKey
        /// Whether the key before signed for it. Always for a rotation; not after a key was lost.
        public var isVouchedFor: Bool
    }

    public private(set) var links: [Link] = []

    public init() {}

    init(_ links: [Link]) {
        self.links = links
    }

    enum Kind {
        static let first = "ledger.key"
        static let rotated = "ledger.key-rotated"
        static let restarted = "ledger.restarted"
        static let all: Set<String> = [first, rotated, restarted]
    }

    /// The key that signs for a tree of `size` entries.
    public func key(forSize size: Int64) -> VerifierKey? { links.last { $0.index < size }?.key }

    /// The text by which a key hands over to the next.
    static func handover(at index: Int64, from old: VerifierKey, to new: VerifierKey) -> String {
        "andon ledger key handover v1\n\(index)\n\(old)\n\(new)\n"
    }

    /// Follows an entry about keys.
    ///
    /// - Returns: what is wrong with it; nil when it is right.
    mutating func follow(_ index: Int64, kind: String, body: JSON) -> String? {
        guard let text = body["vkey"]?.string, let key = try? VerifierKey(parsing: text), key.algorithm == .ed25519
        else {
            return "the entry names no key"
        }
        switch kind {
        case Kind.first:
            guard links.isEmpty else { return "the entry names a first key, and there was one before" }
            links.append(Link(index: index, key: key, isVouchedFor: true))
        case Kind.rotated:
            guard signs(body, at: index, new: key) else { return "the key before did not sign for the new one" }
            links.append(Link(index: index, key: key, isVouchedFor: true))
        default:
            guard let last = links.last else { return "a log is begun anew that was not begun" }
            guard key.name != last.key.name else { return "a log is begun anew under its old name" }
            links.append(Link(index: index, key: key, isVouchedFor: signs(body, at: index, new: key)))
        }
        return nil
    }

    private func signs(_ body: JSON, at index: Int64, new: VerifierKey) -> Bool {
        guard let old = links.last?.key, let text = body["handover"]?.string,
            let note = try? SignedNote(parsing: text), note.text == Self.handover(at: index, from: old, to: new),
            let found = try? note.verified(by: [old])
        else { return false }
        return !found.isEmpty
    }
}

extension Reader {
    /// The chain as the entries of the store say it, without a look at their hashes.
    public func keyChain() throws -> KeyChain {
        var chain = KeyChain()
        let found = try rows(
            "SELECT l.idx, l.kind, l.subject, l.entry FROM ledger_key k JOIN ledger l ON l.idx = k.idx ORDER BY k.idx")
        for row in found {
            let entry = try Self.plainEntry(row)
            if let fault = chain.follow(entry.index, kind: entry.kind, body: entry.body) {
                throw StoreError.inconsistent("entry \(entry.index) of the ledger: \(fault)")
            }
        }
        return chain
    }
}
