import AndonLedger
import AndonSQL
import Crypto

/// All entries of a store one after the other in memory, and where each begins: what hashing alone costs.
struct Entries: Sendable {
    private(set) var bytes: [UInt8] = []
    private var starts: [Int] = []

    init(_ store: Store, size: Int64) throws {
        for from in stride(from: 0, to: size, by: 10_000) {
            let texts = try store.readNow { reader in
                try reader.rows("SELECT entry FROM ledger WHERE idx >= ? ORDER BY idx LIMIT 10000", [from]).map {
                    $0["entry"] as String
                }
            }
            for text in texts {
                starts.append(bytes.count)
                bytes += Array(text.utf8)
            }
        }
        starts.append(bytes.count)
    }

    func hashAll() {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        withExtendedLifetime(hash.finalize()) {}
    }

    func hashEach() {
        bytes.withUnsafeBytes { all in
            for place in 0..<starts.count - 1 {
                var hash = SHA256()
                withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: all[starts[place]..<starts[place + 1]]))
                withExtendedLifetime(hash.finalize()) {}
            }
        }
    }
}
