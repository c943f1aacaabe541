/// What is drawn on a picture of defects: a frame for each, with its words beside it, and a legend strip.
public struct Annotation: Codable, Hashable, Sendable {
    /// The worst first, when there is not room for the words of all.
    public var marks: [Mark]
    /// The first words of the strip, in bold.
    public var title: String
    /// What else the strip says, in this order.
    public var legend: [Entry]

    /// One defect.
    public struct Mark: Codable, Hashable, Sendable {
        /// Upright rectangle in the picture's own pixels as they are stored, origin top left: x, y, width, height.
        public var box: [Double]
        /// The outline as x, y pairs, in the same pixels; it is drawn in place of the box.
        public var outline: [[Double]]?
        /// The rings around a mask, holes among them, or several polygons of one defect: each as `outline` is. They count
        /// before it.
        public var rings: [[[Double]]]?
        /// For example the class and its confidence.
        public var label: String
        /// The name of its severity band.
        public var band: String
        /// 0 for the worst band, counting up: colour and line follow it.
        public var rank: Int

        public init(
            box: [Double], outline: [[Double]]? = nil, rings: [[[Double]]]? = nil, label: String, band: String,
            rank: Int
        ) {
            self.box = box
            self.outline = outline
            self.rings = rings
            self.label = label
            self.band = band
            self.rank = rank
        }
    }

    public struct Entry: Codable, Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(marks: [Mark], title: String, legend: [Entry]) {
        self.marks = marks
        self.title = title
        self.legend = legend
    }
}

/// How the frames of a severity band look: no meaning rests on the colour alone.
struct BandStyle {
    let colour: Colour
    /// In widths of the line; empty for a line without gaps.
    let dashes: [Double]
    /// Against the usual line.
    let width: Double

    static func of(rank: Int) -> BandStyle {
        switch rank {
        case ...0: BandStyle(colour: Colour(0xD55E00), dashes: [], width: 2.2)
        // Darker than Okabe and Ito's purple, whose grey is that of many a grey picture.
        case 1: BandStyle(colour: Colour(0xAA3377), dashes: [6, 2], width: 1.2)
        case 2: BandStyle(colour: Colour(0x0072B2), dashes: [5, 2, 1, 2], width: 1)
        default: BandStyle(colour: Colour(0x009E73), dashes: [1.2, 1.6], width: 1)
        }
    }
}

/// How a picture's stored pixels lie in the picture as it is shown: the orientation of Exif 2.32, section 4.6.4, tag 274.
public enum Orientation: Int, Codable, Sendable, CaseIterable {
    case upright = 1
    case mirrored, turnedHalf, flipped, transposed, turnedRight, transversed, turnedLeft

    /// Whether width and height change places.
    var swapsSides: Bool { rawValue > 4 }
    /// Whether the lowest row that is stored is the lowest that is shown.
    var keepsBottom: Bool { rawValue <= 2 }

    /// A stored place as it is shown; `width` and `height` are those of the stored picture.
    func shown(_ spot: Spot, width: Double, height: Double) -> Spot {
        switch self {
        case .upright: spot
        case .mirrored: Spot(width - spot.x, spot.y)
        case .turnedHalf: Spot(width - spot.x, height - spot.y)
        case .flipped: Spot(spot.x, height - spot.y)
        case .transposed: Spot(spot.y, spot.x)
        case .turnedRight: Spot(height - spot.y, spot.x)
        case .transversed: Spot(height - spot.y, width - spot.x)
        case .turnedLeft: Spot(spot.y, width - spot.x)
        }
    }

    /// A stored box as it is shown: x, y, width, height.
    public func shown(box: [Double], width: Double, height: Double) -> [Double] {
        let one = shown(Spot(box[0], box[1]), width: width, height: height)
        let other = shown(Spot(box[0] + box[2], box[1] + box[3]), width: width, height: height)
        return [min(one.x, other.x), min(one.y, other.y), abs(one.x - other.x), abs(one.y - other.y)]
    }

    /// The way back, as x = a[0] X + a[1] Y + a[2] and y = a[3] X + a[4] Y + a[5]; the sides are the stored ones.
    func stored(width: Double, height: Double) -> [Double] {
        switch self {
        case .upright: [1, 0, 0, 0, 1, 0]
        case .mirrored: [-1, 0, width, 0, 1, 0]
        case .turnedHalf: [-1, 0, width, 0, -1, height]
        case .flipped: [1, 0, 0, 0, -1, height]
        case .transposed: [0, 1, 0, 1, 0, 0]
        case .turnedRight: [0, 1, 0, -1, 0, height]
        case .transversed: [0, -1, width, -1, 0, height]
        case .turnedLeft: [0, -1, width, 1, 0, 0]
        }
    }
}
