import AndonLedger
import AndonModel
import Foundation

/// The texts of orders as files, for systems whose field does not hold them. A file is made when it is sent: its
/// content follows from the order, so it is the same each time.
public struct TextFiles: Sendable {
    public let folder: String

    public init(folder: String) {
        self.folder = folder
    }

    func write(_ order: WorkOrder) throws -> (path: String, text: Picture) {
        let text = OrderText(order)
        let bytes = Data("\(text.title)\n\n\(text.longText)\n".utf8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/\(order.reference).txt"
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        return (path, Picture(sha256: Hex.sha256(Array(bytes)), bytes: bytes.count, mediaType: .text))
    }
}
