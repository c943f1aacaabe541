/// A kept file: mostly a picture's original bytes, named by their digest, never altered.
public struct Picture: Hashable, Sendable, Codable {
    /// Lower-case hexadecimal SHA-256 of the bytes.
    public var sha256: String
    public var bytes: Int
    public var mediaType: MediaType
    /// Pixels as the file's header says them; nil when the header could not be read.
    public var width: Int?
    public var height: Int?
    /// What is wrong with the file, in words; nil when its structure is whole. A damaged picture is kept as
    /// received: it is still evidence.
    public var damage: String?

    public init(
        sha256: String, bytes: Int, mediaType: MediaType, width: Int? = nil, height: Int? = nil, damage: String? = nil
    ) {
        self.sha256 = sha256
        self.bytes = bytes
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.damage = damage
    }

    public enum MediaType: String, Sendable, Codable, CaseIterable {
        case jpeg = "image/jpeg"
        case png = "image/png"
        /// Not a picture: the whole text of an order that did not fit into the CMMS's field.
        case text = "text/plain"
        /// Not a picture: a page to be printed.
        case pdf = "application/pdf"

        /// Three letters: the widest list of allowed extensions has `.jpg` but often not `.jpeg`.
        public var fileExtension: String {
            switch self {
            case .jpeg: "jpg"
            case .png: "png"
            case .text: "txt"
            case .pdf: "pdf"
            }
        }

        public init?(fileExtension: String) {
            switch fileExtension {
            case "jpg": self = .jpeg
            case "png": self = .png
            default: return nil
            }
        }
    }
}
