import AndonModel

/// What a model is and how it is spoken to: the YAML that lies beside its ONNX file. `docs/model-card.md` has every field.
///
/// Whoever reads the file limits its size; the card itself has at most 1,000 classes and inputs of at most 4,096 pixels a side.
public struct ModelCard: Sendable, Hashable {
    public static let schema = "andon.model-card/1"

    public enum Task: String, Sendable, Hashable, CaseIterable { case classification, detection, segmentation, anomaly }

    public var name: String
    public var version: String
    public var task: Task
    /// A plain file name in the card's own folder.
    public var file: String
    /// Of that file, 64 lower-case hexadecimal digits.
    public var sha256: String
    /// ONNX operator set, 1...100.
    public var opset: Int
    public var licence: String
    public var trainedOn: String
    public var commercialUse: Bool
    public var input: InputSpec
    public var outputs: OutputSpec
    /// In the order of the model's indices.
    public var classes: [String]
    /// The class that is no defect.
    public var goodClass: String?
    /// By class, on the calibrated confidence; the others have `threshold`.
    public var thresholds: [String: Double]
    public var threshold: Double
    public var calibration: Calibration
    /// What the model reached, as the one who trained it wrote it down.
    public var metrics: JSON

    public init(
        name: String, version: String, task: Task, file: String, sha256: String, opset: Int = 17,
        licence: String = "", trainedOn: String = "", commercialUse: Bool = false, input: InputSpec,
        outputs: OutputSpec, classes: [String], goodClass: String? = nil, thresholds: [String: Double] = [:],
        threshold: Double = 0.5, calibration: Calibration = .none, metrics: JSON = .object([:])
    ) {
        self.name = name
        self.version = version
        self.task = task
        self.file = file
        self.sha256 = sha256
        self.opset = opset
        self.licence = licence
        self.trainedOn = trainedOn
        self.commercialUse = commercialUse
        self.input = input
        self.outputs = outputs
        self.classes = classes
        self.goodClass = goodClass
        self.thresholds = thresholds
        self.threshold = threshold
        self.calibration = calibration
        self.metrics = metrics
    }

    /// The least calibrated confidence at which a class counts, 0...1.
    public func threshold(of defectClass: String) -> Double { thresholds[defectClass] ?? threshold }
}

extension ModelCard {
    /// The one picture that a model takes.
    public struct InputSpec: Sendable, Hashable {
        public enum Layout: String, Sendable, Hashable, CaseIterable {
            /// A plane for each colour.
            case planar = "NCHW"
            /// The colours of a pixel side by side.
            case interleaved = "NHWC"
        }

        public enum Resize: String, Sendable, Hashable, CaseIterable {
            /// Each side to the model's, whatever that does to the shape.
            case stretch
            /// The whole picture, its shape kept, with bars beside it.
            case letterbox
            /// The largest part of the model's shape from the middle.
            case centreCrop
        }

        public var name: String
        public var layout: Layout
        /// Pixels of the model, 1...4096.
        public var width: Int
        public var height: Int
        public var colour: Pixels.Colour
        /// A sample of 0...255 becomes `(sample * scale - mean) / std`.
        public var scale: Double
        /// One for each channel.
        public var mean: [Double]
        public var std: [Double]
        public var resize: Resize
        /// The sample of a letterbox's bars, 0...255.
        public var padding: UInt8

        /// - Precondition: both sides in 1...4096; `mean` and `std`, where given, have one number for each channel.
        public init(
            name: String, layout: Layout = .planar, width: Int, height: Int, colour: Pixels.Colour = .rgb,
            scale: Double = 1.0 / 255, mean: [Double]? = nil, std: [Double]? = nil, resize: Resize = .stretch,
            padding: UInt8 = 114
        ) {
            let channels = colour.rawValue
            precondition((1...4096).contains(width) && (1...4096).contains(height))
            precondition(mean?.count ?? channels == channels && std?.count ?? channels == channels)
            self.name = name
            self.layout = layout
            self.width = width
            self.height = height
            self.colour = colour
            self.scale = scale
            self.mean = mean ?? Array(repeating: 0, count: channels)
            self.std = std ?? Array(repeating: 1, count: channels)
            self.resize = resize
            self.padding = padding
        }

        /// Of the tensor of one picture.
        public var shape: [Int] {
            layout == .planar ? [1, colour.rawValue, height, width] : [1, height, width, colour.rawValue]
        }
    }

    /// Which outputs a model has and what their numbers mean.
    public enum OutputSpec: Sendable, Hashable {
        case classification(Classification)
        case detection(Detection)
        case segmentation(Segmentation)
        case anomaly(Anomaly)

        /// What is still to be done to a model's numbers to make them 0...1.
        public enum Activation: String, Sendable, Hashable, CaseIterable { case none, softmax, sigmoid }

        public enum BoxForm: String, Sendable, Hashable, CaseIterable {
            /// `[1, 4 + classes, N]`: centre x, centre y, width, height in pixels of the input, then a score for each class.
            case centreFirst
            /// The same as `[1, N, 4 + classes]`.
            case centreLast
            /// `[1, N, 6]`: left, top, right, bottom, score, index of the class; the model itself has dropped what overlaps.
            case endToEnd
        }

        public struct Classification: Sendable, Hashable {
            /// `[1, classes]`, or `[1, 1]`: the probability of the one class that is a defect.
            public var probabilities: String
            public var activation: Activation
            /// Whether classes stand beside each other, so that a picture may have several.
            public var severalLabels: Bool

            public init(probabilities: String, activation: Activation = .none, severalLabels: Bool? = nil) {
                self.probabilities = probabilities
                self.activation = activation
                self.severalLabels = severalLabels ?? (activation == .sigmoid)
            }
        }

        public struct Detection: Sendable, Hashable {
            public var boxes: String
            public var boxForm: BoxForm
            /// Of two boxes that overlap by more (intersection over union, 0...1) the weaker is dropped.
            public var nmsIoU: Double
            public var findingsMax: Int
            /// Whether only boxes of one class drop each other.
            public var perClassNMS: Bool

            public init(
                boxes: String, boxForm: BoxForm, nmsIoU: Double = 0.45, findingsMax: Int = 300, perClassNMS: Bool = true
            ) {
                self.boxes = boxes
                self.boxForm = boxForm
                self.nmsIoU = nmsIoU
                self.findingsMax = findingsMax
                self.perClassNMS = perClassNMS
            }
        }

        public struct Segmentation: Sendable, Hashable {
            /// `[1, classes, H, W]`.
            public var mask: String
            public var activation: Activation
            /// Cells of the mask; smaller regions are left out.
            public var areaMin: Int
            /// The largest regions of a frame that are kept.
            public var findingsMax: Int

            public init(mask: String, activation: Activation = .none, areaMin: Int = 1, findingsMax: Int = 100) {
                self.mask = mask
                self.activation = activation
                self.areaMin = areaMin
                self.findingsMax = findingsMax
            }
        }

        public struct Anomaly: Sendable, Hashable {
            /// One number for the picture; without it the highest of the map.
            public var score: String?
            /// `[1, 1, h, w]` or `[1, h, w]`; without it nobody knows where.
            public var map: String?
            /// What becomes 0 and 1, of the score and of the map.
            public var scoreRange: ClosedRange<Double>
            /// The share of the range from which a cell of the map belongs to a region, 0...1.
            public var regionLevel: Double
            /// Cells of the map; smaller regions are left out.
            public var areaMin: Int
            /// The largest regions of a frame that are kept.
            public var findingsMax: Int

            public init(
                score: String? = nil, map: String? = nil, scoreRange: ClosedRange<Double> = 0...1,
                regionLevel: Double = 0.7, areaMin: Int = 1, findingsMax: Int = 20
            ) {
                self.score = score
                self.map = map
                self.scoreRange = scoreRange
                self.regionLevel = regionLevel
                self.areaMin = areaMin
                self.findingsMax = findingsMax
            }
        }

        /// In the order in which they are asked for.
        public var names: [String] {
            switch self {
            case .classification(let output): [output.probabilities]
            case .detection(let output): [output.boxes]
            case .segmentation(let output): [output.mask]
            case .anomaly(let output): [output.score, output.map].compactMap { $0 }
            }
        }
    }
}
