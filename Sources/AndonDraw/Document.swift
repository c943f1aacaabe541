/// A document of pages to read, print and archive: headings with bookmarks and a list of contents, tables whose heads are
/// repeated, pictures with a description, and the structure that a screen reader goes by (tagged PDF, ISO 32000-1, 14.8).
public struct Document: Sendable {
    public var title: String
    /// Lines below the title.
    public var subtitle: [String]
    /// Stands at the foot of each page, beside its number.
    public var footer: String
    /// ISO 8601. It is never the moment of the drawing: that would make other bytes each time.
    public var created: String
    /// Whether a list of the headings of levels 1 and 2 comes first.
    public var hasContents: Bool
    public var blocks: [Block]

    public enum Block: Sendable {
        /// - Parameter level: 1...3.
        case heading(Int, String)
        case paragraph(String)
        /// What the reader must not overlook: framed, with a word for it.
        case notice(String, String)
        /// Names with their values.
        case facts([Fact])
        case table([Column], rows: [[String]])
        /// JPEG or PNG.
        /// - Parameter height: of the picture at most, in points.
        case picture([UInt8], description: String, caption: String, height: Double)
        case pageBreak
    }

    public struct Fact: Sendable {
        public var name: String
        /// nil for what is not known: it says so.
        public var value: String?
        /// Small, behind the value: where it comes from.
        public var source: String

        public init(_ name: String, _ value: String?, source: String = "") {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    public struct Column: Sendable {
        public var title: String
        /// Its share of the width, against the others'.
        public var weight: Double

        public init(_ title: String, weight: Double = 1) {
            self.title = title
            self.weight = weight
        }
    }

    public init(
        title: String, subtitle: [String] = [], footer: String = "", created: String = "1970-01-01T00:00:00Z",
        hasContents: Bool = false, blocks: [Block] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.footer = footer
        self.created = created
        self.hasContents = hasContents
        self.blocks = blocks
    }

    /// Words for a value that nobody recorded.
    public static let unknown = "not recorded"

    /// The PDF, of A4 pages. The same document gives the same bytes with the same Cairo and fonts.
    public func pdf() throws(DrawError) -> [UInt8] {
        let measuring = try Canvas(.png, width: 100, height: 100)
        var layout = DocumentLayout(self, measuring: measuring)
        // The list of contents has one line for each heading, so its length does not depend on the numbers in it.
        let pages = layout.place(on: measuring)
        let size = DocumentLayout.page
        let canvas = try Canvas(.pdf, width: Int(size.width), height: Int(size.height))
        DocumentDrawing(document: self, pages: pages.count).draw(pages, on: canvas)
        return try canvas.bytes(title: title, description: subtitle.joined(separator: "; "), created: created)
    }

    /// How many pages it has.
    public func pageCount() throws(DrawError) -> Int {
        let measuring = try Canvas(.png, width: 100, height: 100)
        var layout = DocumentLayout(self, measuring: measuring)
        return layout.place(on: measuring).count
    }
}
