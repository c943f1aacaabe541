import AndonLedger
import AndonModel
import Foundation

/// The control charts of orders as files. A file is made when it is sent: its content follows from what was kept when the
/// order was raised, so it is the same each time.
public struct ChartFiles: Sendable {
    public let folder: String

    public init(folder: String) {
        self.folder = folder
    }

    public func write(_ png: [UInt8], of order: WorkOrder) throws -> (path: String, picture: Picture) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/\(order.reference).png"
        try Data(png).write(to: URL(fileURLWithPath: path), options: .atomic)
        return (path, Picture(sha256: Hex.sha256(png), bytes: png.count, mediaType: .png))
    }
}

/// Draws the chart of an order; nil where it has none.
public typealias ChartDrawing = @Sendable (WorkOrder) async throws -> (path: String, picture: Picture)?
