/// A work order on one page, for plants that print. A plain value, so that the same figure gives the same bytes each time.
///
/// Anything is drawable: text is shortened to fit, a part that is missing gives its room to others, and a picture that
/// cannot be printed says so in its place.
public struct SheetFigure: Sendable, Hashable {
    public enum Paper: String, Sendable, Hashable, CaseIterable {
        case a4 = "A4"
        case letter

        /// In points of 1/72 inch.
        var size: (width: Int, height: Int) { self == .a4 ? (595, 842) : (612, 792) }
    }

    /// A JPEG or PNG file with the words below it.
    public struct Picture: Sendable, Hashable {
        public var bytes: [UInt8]
        public var caption: String

        public init(_ bytes: [UInt8], caption: String) {
            self.bytes = bytes
            self.caption = caption
        }

        /// Pixels, as it is seen; nil for what cannot be printed.
        var size: (width: Double, height: Double)? {
            if let header = JPEGHeader(bytes) {
                let (width, height) = (Double(header.width), Double(header.height))
                return header.isTurned ? (height, width) : (width, height)
            }
            return Raster.size(png: bytes).map { (Double($0.width), Double($0.height)) }
        }
    }

    /// A fact with its name, for example `Severity` and `0.82, major`.
    public struct Fact: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var paper: Paper
    public var title: String
    public var reference: String
    /// 1 is the most urgent.
    public var priority: Int
    /// The way there, from the large to the small.
    public var path: [String]
    public var dates: [Fact]
    public var reason: String
    public var evidence: Picture?
    public var crop: Picture?
    public var chart: Picture?
    public var map: Picture?
    public var facts: [Fact]
    /// At the foot of the page, a line each: digests, where the record is. At most three are drawn.
    public var footer: [String]
    /// The page's own date, in ISO 8601.
    public var created: String

    public init(
        paper: Paper = .a4, title: String, reference: String, priority: Int, path: [String], dates: [Fact],
        reason: String, evidence: Picture? = nil, crop: Picture? = nil, chart: Picture? = nil, map: Picture? = nil,
        facts: [Fact], footer: [String], created: String
    ) {
        self.paper = paper
        self.title = title
        self.reference = reference
        self.priority = priority
        self.path = path
        self.dates = dates
        self.reason = reason
        self.evidence = evidence
        self.crop = crop
        self.chart = chart
        self.map = map
        self.facts = facts
        self.footer = footer
        self.created = created
    }

    /// The page as a PDF file. JPEG pictures are in it as they are.
    public func pdf() throws(DrawError) -> [UInt8] {
        let canvas = try Canvas(.pdf, width: paper.size.width, height: paper.size.height)
        let layout = SheetLayout(self, on: canvas)
        SheetDrawing(layout: layout).draw(on: canvas)
        return try canvas.bytes(title: "\(reference) \(title)", description: reason, created: created)
    }
}
