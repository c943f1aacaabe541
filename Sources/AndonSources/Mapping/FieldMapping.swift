import AndonModel

/// Which fields of a source become which values of our report. All places are JSON Pointers into the fields.
public struct FieldMapping: Sendable, Hashable {
    public var decode: [FieldDecoding]
    public var camera: FieldText
    /// Our camera's id by what the system calls it; what is not here stays as it is.
    public var cameras: [String: String]
    public var detectedAt: FieldText
    public var time = TimeForm()
    public var asset: FieldText?
    public var zone: FieldText?
    public var lot: FieldText?
    public var unit: FieldText?
    public var model: FieldText?
    public var modelVersion: FieldText?
    /// Parts that the report stands for; one when it is left out.
    public var inspected: FieldText?
    /// What says that the part has no defect.
    public var good: Good?
    /// The list of defects; nil when the fields describe one defect at most.
    public var defects: String?
    public var defect: DefectMapping
    public var attributes: [String: FieldText]

    /// A part is good when the words of the field are one of these.
    public struct Good: Sendable, Hashable {
        public var field: FieldText
        public var values: Set<String>

        public init(field: FieldText, values: Set<String>) {
            self.field = field
            self.values = values
        }
    }

    public init(camera: FieldText, detectedAt: FieldText, defect: DefectMapping) {
        decode = []
        self.camera = camera
        cameras = [:]
        self.detectedAt = detectedAt
        self.defect = defect
        attributes = [:]
    }
}

/// How a sender writes a time.
public struct TimeForm: Sendable, Hashable {
    public enum Unit: String, Sendable, CaseIterable {
        /// RFC 3339.
        case text
        /// A number since 1970-01-01T00:00:00Z.
        case seconds, milliseconds, microseconds, nanoseconds

        /// Microseconds of one; nil for a text.
        var microseconds: Double? {
            switch self {
            case .text: nil
            case .seconds: 1e6
            case .milliseconds: 1e3
            case .microseconds: 1
            case .nanoseconds: 1e-3
            }
        }
    }

    public var unit: Unit
    /// What stands behind a text that says no offset, as `+01:00`.
    public var offset: String?

    public init(unit: Unit = .text, offset: String? = nil) { (self.unit, self.offset) = (unit, offset) }

    func time(_ value: FieldValue) -> Timestamp? {
        guard let size = unit.microseconds else {
            guard let words = value.words else { return nil }
            return Timestamp(words) ?? offset.flatMap { Timestamp(words.replacing(" ", with: "T") + $0) }
        }
        // Year 1 to year 9999.
        guard let number = value.number, (-62e15...253e15).contains(number * size) else { return nil }
        return Timestamp(microseconds: Int64((number * size).rounded()))
    }
}

/// Where one defect's values are: looked for in the defect's own entry, then in the whole.
public struct DefectMapping: Sendable, Hashable {
    public var defectClass: FieldText
    /// Our class by what the system calls it; `none` is no defect. What is not here stays as it is.
    public var classes: [String: String]
    public var confidence: FieldText?
    /// What the system writes for "certain": 1, 100, 255.
    public var confidenceMax: Double
    public var severity: FieldText?
    public var severityMax: Double
    /// Our severity's name by what the system says; what is not here stays as it is.
    public var severities: [String: String]
    public var box: BoxMapping?
    /// A list of points, `[x, y]` or `{"x", "y"}`, in the box's unit.
    public var polygon: String?
    /// A mask as COCO encodes it, `{"size", "counts"}`; goes before a polygon.
    public var mask: String?
    public var measurement: MeasurementMapping?
    public var attributes: [String: FieldText]

    /// In `classes`: this word of the system's is no defect.
    public static let noDefect = "none"

    public init(defectClass: FieldText) {
        self.defectClass = defectClass
        classes = [:]
        confidenceMax = 1
        severityMax = 1
        severities = [:]
        attributes = [:]
    }
}

/// A measured value with its limit.
public struct MeasurementMapping: Sendable, Hashable {
    public var name: FieldText
    public var value: FieldText
    public var limit: FieldText?
    public var unit: FieldText?

    public init(name: FieldText, value: FieldText, limit: FieldText? = nil, unit: FieldText? = nil) {
        self.name = name
        self.value = value
        self.limit = limit
        self.unit = unit
    }
}

/// A box, as one list of four numbers or as four fields.
public struct BoxMapping: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        case list(FieldText)
        case four(FieldText, FieldText, FieldText, FieldText)
    }

    /// What the four numbers are.
    public enum Form: String, Sendable, CaseIterable {
        /// Left, top, width, height.
        case corner
        /// The middle, width, height.
        case centre
        /// Left, top, right, bottom.
        case corners
    }

    public enum Unit: String, Sendable, CaseIterable {
        case pixel
        /// Shares of the picture's sides, 0...1.
        case normalised
    }

    public var place: Place
    public var form: Form
    public var unit: Unit

    public init(place: Place, form: Form = .corner, unit: Unit = .pixel) {
        self.place = place
        self.form = form
        self.unit = unit
    }

    /// Left, top, width and height from four numbers of the form.
    func box(_ numbers: [Double]) -> [Double] {
        switch form {
        case .corner: numbers
        case .centre: [numbers[0] - numbers[2] / 2, numbers[1] - numbers[3] / 2, numbers[2], numbers[3]]
        case .corners: [numbers[0], numbers[1], numbers[2] - numbers[0], numbers[3] - numbers[1]]
        }
    }
}
