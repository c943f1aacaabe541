import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency

/// Checks people's signatures among entries that are proved to be in the ledger.
struct PackageSignatures {
    private var entries: [Int64: (json: JSON, leaf: [UInt8])] = [:]
    private var keys: [Int64: [(index: Int64, key: VerifierKey)]] = [:]

    /// - Parameter proofs: checked ones.
    init(_ proofs: [EntryProofs.Proof]) {
        for proof in proofs {
            guard let json = try? JSON(parsing: proof.entry) else { continue }
            entries[proof.index] = (json, MerkleHash.leaf(proof.entry.utf8))
            guard json["kind"]?.string == "account.key", let body = json["body"],
                let account = body["account"]?.integer.map(Int64.init),
                json["subject"]?.string == Account.subject(account),
                let key = body["key"]?.string.flatMap({ try? VerifierKey(parsing: $0) })
            else { continue }
            keys[account, default: []].append((proof.index, key))
        }
    }

    private var signed: [(index: Int64, json: JSON)] {
        entries.filter { $0.value.json["kind"]?.string == SignatureCheck.entryKind }.map { ($0.key, $0.value.json) }
            .sorted { $0.index < $1.index }
    }

    private func key(_ account: Int64, before index: Int64) -> VerifierKey? {
        keys[account]?.filter { $0.index < index }.max { $0.index < $1.index }?.key
    }

    /// - Returns: the entries of those that hold.
    /// - Throws: ``PackageFault`` for the first that does not.
    func check(file: String) throws -> [Int64] {
        for (index, json) in signed {
            if let fault = SignatureCheck.fault(of: json, key: key, leaf: { entries[$0]?.leaf }) {
                throw PackageFault(file: file, reason: "the signature in entry \(index) does not hold: \(fault)")
            }
        }
        return signed.map(\.index)
    }

    /// The keys of those who signed the package itself, each of which has a line under the manifest.
    var packageSigners: [VerifierKey] {
        signed.compactMap { index, json in
            guard json["body"]?["what"]?.string == SignedThing.export.rawValue,
                let account = json["body"]?["account"]?.integer.map(Int64.init)
            else { return nil }
            return key(account, before: index)
        }
    }
}
