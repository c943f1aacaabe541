import AndonModel
import Crypto

/// What the files were that a configuration named: the ledger has their digests.
final class FileDigests {
    private(set) var all: [String: String] = [:]

    private func note(_ name: String, _ bytes: [UInt8]) {
        all[name] = SHA256.hash(data: bytes).hexadecimal
    }

    func noting(
        _ read: @escaping (String) -> Result<String, TextFile.Refusal>
    ) -> (String) -> Result<String, TextFile.Refusal> {
        { name in
            let found = read(name)
            if case .success(let text) = found { self.note(name, Array(text.utf8)) }
            return found
        }
    }

    func noting(
        _ read: @escaping (String, Int) -> Result<[UInt8], TextFile.Refusal>
    ) -> (String, Int) -> Result<[UInt8], TextFile.Refusal> {
        { name, max in
            let found = read(name, max)
            if case .success(let bytes) = found { self.note(name, bytes) }
            return found
        }
    }
}

extension Settings {
    /// The tree without places: sections as objects, texts as they are written.
    var json: JSON {
        switch value {
        case .scalar(let text, _): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .map(let entries): .object(Dictionary(entries.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 }))
        case .null: .null
        }
    }
}
