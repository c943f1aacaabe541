import AndonLedger
import AndonModel
import Foundation

/// The files of orders that are made from what is kept: the whole text, the control chart, the map, the sheet.
///
/// A file is made for the first attempt to send it and stays until it has arrived: a later attempt sends, and looks for,
/// the very same bytes, also when a new version or a new floor plan would make others by then.
public struct DerivedFiles: Sendable {
    public struct Content: Sendable {
        public var bytes: [UInt8]
        public var mediaType: Picture.MediaType

        public init(_ bytes: [UInt8], _ mediaType: Picture.MediaType) {
            self.bytes = bytes
            self.mediaType = mediaType
        }
    }

    /// How the files of one role come about.
    public struct Maker: Sendable {
        /// Whether the order has such a file. Asked in the transaction that acknowledges the order: it must not wait.
        public var applies: @Sendable (WorkOrder) -> Bool
        /// nil where the order has no such file any more; then nothing is sent.
        public var make: @Sendable (WorkOrder) async throws -> Content?

        public init(
            applies: @escaping @Sendable (WorkOrder) -> Bool = { _ in true },
            make: @escaping @Sendable (WorkOrder) async throws -> Content?
        ) {
            self.applies = applies
            self.make = make
        }
    }

    /// What cannot be made now cannot be made later: a person must look, and the queue goes on.
    struct Unmakeable: Error {
        var words: String
    }

    public let folder: String
    private let makers: [Attachment.Role: Maker]

    /// - Parameter makers: for each role but `.text`, which is always there. An order has no file of a role without one.
    public init(folder: String, makers: [Attachment.Role: Maker] = [:]) {
        self.folder = folder
        self.makers = makers.merging([.text: Self.text]) { given, _ in given }
    }

    func has(_ role: Attachment.Role, _ order: WorkOrder) -> Bool { makers[role]?.applies(order) ?? false }

    /// - Throws: ``Unmakeable``; the store's and the disk's errors, and a cancellation, as they are, for another attempt.
    func file(_ role: Attachment.Role, of order: WorkOrder) async throws -> (path: String, picture: Picture)? {
        if let kept = kept(role, of: order.reference) { return kept }
        guard let content = try await made(role, order) else { return nil }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = path(role, order.reference, content.mediaType)
        try Data(content.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        return (path, Self.picture(content.bytes, content.mediaType))
    }

    func remove(_ role: Attachment.Role, of reference: Reference) {
        for type in Picture.MediaType.allCases {
            try? FileManager.default.removeItem(atPath: path(role, reference, type))
        }
    }

    private func made(_ role: Attachment.Role, _ order: WorkOrder) async throws -> Content? {
        do {
            return try await makers[role]?.make(order)
        } catch let error where error is StoreError || error is CancellationError {
            throw error
        } catch {
            throw Unmakeable(words: "the \(role.rawValue) of \(order.reference) could not be made: \(error)")
        }
    }

    private func kept(_ role: Attachment.Role, of reference: Reference) -> (path: String, picture: Picture)? {
        for type in Picture.MediaType.allCases {
            let path = path(role, reference, type)
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            return (path, Self.picture(Array(data), type))
        }
        return nil
    }

    private func path(_ role: Attachment.Role, _ reference: Reference, _ type: Picture.MediaType) -> String {
        "\(folder)/\(reference)-\(role.rawValue).\(type.fileExtension)"
    }

    private static func picture(_ bytes: [UInt8], _ type: Picture.MediaType) -> Picture {
        Picture(sha256: Hex.sha256(bytes), bytes: bytes.count, mediaType: type)
    }

    /// For systems whose field does not hold it.
    private static let text = Maker { order in
        let text = OrderText(order)
        return Content(Array("\(text.title)\n\n\(text.longText)\n".utf8), .text)
    }
}
