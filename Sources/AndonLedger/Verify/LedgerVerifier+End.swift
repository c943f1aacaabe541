import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// What is no entry's and no chunk's: what lies before the first and behind the last, the keys, the stamps, the head.
extension LedgerVerifier {
    func checkBeginning() throws -> Verification.Fault? {
        if let size = try reader.db.value("SELECT MIN(size) FROM ledger_checkpoint") as Int64?, size <= 0 {
            return .ofCheckpoint(size, "is at a size that no checkpoint has")
        }
        if let index = try reader.db.value("SELECT MIN(idx) FROM ledger") as Int64?, index < 0 {
            return .init(index: 0, reason: "an entry has the number \(index)")
        }
        if let index = try reader.db.value("SELECT MIN(idx) FROM ledger_value") as Int64?, index < 0 {
            return .init(index: 0, reason: "a value is kept for an entry \(index)")
        }
        return nil
    }

    func checkEnd() throws -> Verification.Fault? {
        if let place = missing.min() {
            return .init(
                index: place.index,
                reason: "the value for \(place.member) is gone, and no entry says that it was erased")
        }
        if let row = try reader.row("SELECT idx FROM ledger_value WHERE idx >= ? ORDER BY idx LIMIT 1", [size]) {
            return .init(
                index: Int64.fromDatabaseValue(row[0]) ?? -1,
                reason: "a value is kept for an entry that does not commit to it")
        }
        if let row = try reader.row("SELECT size FROM ledger_checkpoint WHERE size > ? ORDER BY size LIMIT 1", [size]) {
            return .init(
                index: size, reason: "a checkpoint of \(row[0] as Int64) entries was signed, and there are \(size)")
        }
        return try checkTrust() ?? checkKeys() ?? checkStamps() ?? checkHead()
    }

    private func checkTrust() -> Verification.Fault? {
        func broken(_ links: some Sequence<KeyChain.Link>) -> Verification.Fault? {
            links.first { !$0.isVouchedFor }.map {
                .init(
                    index: $0.index,
                    reason:
                        "from here on the key \($0.key) signs, for which the one before did not vouch; if it is known "
                        + "to be right, verify with --key")
            }
        }
        guard let trusted = request.trusted else { return broken(keys.links) }
        guard let place = keys.links.firstIndex(where: { $0.key == trusted }) else {
            return .init(index: 0, reason: "the key \(trusted) is none of this ledger's")
        }
        return broken(keys.links[(place + 1)...])
    }

    private func checkKeys() throws -> Verification.Fault? {
        let stored = try reader.rows("SELECT idx, vkey FROM ledger_key ORDER BY idx").map { row in
            (Int64.fromDatabaseValue(row[0]), String.fromDatabaseValue(row[1]))
        }
        guard stored.map({ $0.0 ?? -1 }) == keys.links.map(\.index), stored.map(\.1) == keys.links.map({ "\($0.key)" })
        else {
            return .init(
                index: keys.links.last?.index ?? 0, reason: "the table of keys is not what the entries say")
        }
        let stray = try reader.count(
            "SELECT COUNT(*) FROM ledger_cosignature WHERE size NOT IN (SELECT size FROM ledger_checkpoint)")
        guard stray == 0 else {
            return .init(index: size, reason: "a cosignature is of a checkpoint that is not there")
        }
        return nil
    }

    private func checkStamps() throws -> Verification.Fault? {
        for row in try reader.rows("SELECT size, request, reply FROM ledger_stamp") {
            let size = Int64.fromDatabaseValue(row[0]) ?? -1
            guard let note = try? reader.checkpoint(size: size)?.note, let request = Data.fromDatabaseValue(row[1]),
                let reply = Data.fromDatabaseValue(row[2]),
                LedgerStamp(size: size, request: Array(request), reply: Array(reply)).isOf(note)
            else {
                return .init(
                    index: max(0, size - 1), reason: "the time stamp of the checkpoint of \(size) entries is not of it")
            }
        }
        return nil
    }

    private func checkHead() throws -> Verification.Fault? {
        let head = try reader.row("SELECT size, root FROM ledger_head WHERE one = 1")
        let written = head.flatMap { Int64.fromDatabaseValue($0[0]) } ?? 0
        guard written == size else {
            return .init(
                index: min(written, size),
                reason: "the ledger has \(size) entries, but \(written) were written: entries are missing or added")
        }
        let root = head.flatMap { Data.fromDatabaseValue($0[1]) }.map { Array($0) } ?? MerkleHash.empty
        guard root == frontier?.root else {
            return .init(index: max(0, written - 1), reason: "the stored root is not the root of the entries")
        }
        return nil
    }
}
