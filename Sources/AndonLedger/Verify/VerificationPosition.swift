import AndonModel
import AndonTransparency

/// How far a verification came: a checkpoint that it found right, with all that it needs to go on from there.
///
/// What a resumption proves: the entries behind the checkpoint are right, and they continue a ledger with this checkpoint.
/// It does not look at the entries before it again. What happened to them since the position was saved is for a
/// verification from the beginning.
public struct VerificationPosition: Sendable, Equatable {
    /// The log's own note, as it is stored.
    public var note: String
    var tree: MerkleFrontier
    var keys: KeyChain
    /// Values that are not kept, and that no erasure had named yet.
    var missing: Set<ValuePlace>
    var counts: Counts

    struct Counts: Sendable, Equatable {
        var checkpoints = 0
        var cosignatures = 0
        var withheld = 0
    }

    public var size: Int64 { tree.size }

    init(note: String, tree: MerkleFrontier, keys: KeyChain, missing: Set<ValuePlace>, counts: Counts) {
        self.note = note
        self.tree = tree
        self.keys = keys
        self.missing = missing
        self.counts = counts
    }

    public var json: JSON {
        [
            "note": .string(note), "size": .integer(tree.size),
            "peaks": .array(tree.peaks.map { .string(Hex.text($0)) }),
            "keys": .array(
                keys.links.map {
                    ["index": .integer($0.index), "key": .string("\($0.key)"), "vouchedFor": .bool($0.isVouchedFor)]
                }),
            "missing": .array(missing.sorted().map { ["entry": .integer($0.index), "member": .string($0.member)] }),
            "checkpoints": .integer(counts.checkpoints), "cosignatures": .integer(counts.cosignatures),
            "withheld": .integer(counts.withheld),
        ]
    }

    /// Nil for anything that is not a position, or one whose hashes do not lead to its own checkpoint's root.
    public init?(_ json: JSON) {
        guard let note = json["note"]?.string, let size = json["size"]?.integer,
            let parsed = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(parsing: parsed.text)
        else { return nil }
        let peaks = (json["peaks"]?.array ?? []).compactMap { $0.string.flatMap(Hex.bytes) }
        guard let tree = MerkleFrontier(size: Int64(size), peaks: peaks), tree.size == checkpoint.size,
            tree.root == checkpoint.root
        else { return nil }
        let links = (json["keys"]?.array ?? []).compactMap { link -> KeyChain.Link? in
            guard let index = link["index"]?.integer, let key = try? VerifierKey(parsing: link["key"]?.string ?? "")
            else { return nil }
            return KeyChain.Link(index: Int64(index), key: key, isVouchedFor: link["vouchedFor"]?.bool == true)
        }
        let missing = (json["missing"]?.array ?? []).compactMap { place -> ValuePlace? in
            guard let entry = place["entry"]?.integer, let member = place["member"]?.string else { return nil }
            return ValuePlace(index: Int64(entry), member: member)
        }
        self.init(
            note: note, tree: tree, keys: KeyChain(links), missing: Set(missing),
            counts: Counts(
                checkpoints: json["checkpoints"]?.integer ?? 0, cosignatures: json["cosignatures"]?.integer ?? 0,
                withheld: json["withheld"]?.integer ?? 0))
    }
}

/// Where a value belongs that an entry only commits to.
struct ValuePlace: Hashable, Comparable, Sendable {
    var index: Int64
    /// A JSON Pointer into the entry's body.
    var member: String

    static func < (left: ValuePlace, right: ValuePlace) -> Bool {
        (left.index, left.member) < (right.index, right.member)
    }
}
