import AndonLedger
import Crypto
import Foundation

/// The files of old orders as they came, in `histories` of the data folder by their digest: an auditor can read again
/// what the ledger names.
struct HistoryCopies: Sendable {
    private let folder: String

    /// - Parameter data: the data folder.
    init(folder data: String) { folder = "\(data)/histories" }

    static func digest(_ file: [UInt8]) -> String { Hex.text(SHA256.hash(data: file)) }

    func keep(_ file: [UInt8], digest: String) throws {
        let place = path(digest)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            try Data(file).write(to: URL(fileURLWithPath: place), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: place)
        } catch {
            throw StoreError.unusable("\(place) cannot be written: \(error.localizedDescription)")
        }
    }

    func remove(digest: String) throws {
        let place = path(digest)
        guard FileManager.default.fileExists(atPath: place) else { return }
        do {
            try FileManager.default.removeItem(atPath: place)
        } catch {
            throw StoreError.unusable("\(place) cannot be removed: \(error.localizedDescription)")
        }
    }

    private func path(_ digest: String) -> String { "\(folder)/\(digest).csv" }
}
