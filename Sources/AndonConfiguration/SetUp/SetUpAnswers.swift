/// What a person answers when a server is set up: everything that the first configuration is made of.
///
/// Texts are as they were typed; whether they are right is asked of the configuration itself (``SetUpCheck``).
public struct SetUpAnswers: Sendable, Equatable {
    public struct Camera: Sendable, Equatable {
        public var id: String
        public var asset: String?

        public init(id: String, asset: String? = nil) { (self.id, self.asset) = (id, asset) }
    }

    /// A defect class by the label that the vision model gives, with its problem code in the CMMS.
    public struct DefectLabel: Sendable, Equatable {
        public var label: String
        public var code: String?

        public init(label: String, code: String? = nil) { (self.label, self.code) = (label, code) }
    }

    public struct Connector: Sendable, Equatable {
        public enum Value: Sendable, Equatable {
            case text(String)
            /// A secret, by the name of an environment variable.
            case environment(String)
            /// A secret, by the path of a file.
            case file(String)
        }

        public struct Option: Sendable, Equatable {
            public var key: String
            public var value: Value

            public init(_ key: String, _ value: Value) { (self.key, self.value) = (key, value) }
        }

        public var name: String
        public var type: String
        public var options: [Option]
        /// Options as YAML, for those that are more than a text.
        public var further: String

        public init(name: String, type: String, options: [Option] = [], further: String = "") {
            (self.name, self.type, self.options, self.further) = (name, type, options, further)
        }
    }

    public var listen = "127.0.0.1:8080"
    public var publicURL: String?
    public var dataFolder = "andon-data"
    public var plantName = ""
    public var site: String?
    public var timeZone = "UTC"
    public var defaultLocation: String?
    /// The assets as a spreadsheet writes them, for the file ``assetsFile`` beside the configuration.
    public var assetsCSV: String?
    public var cameras: [Camera] = []
    /// Nil where orders go to the built-in desk.
    public var connector: Connector?
    /// Networks beside the private ones that the server may open connections to.
    public var networks: [String] = []
    /// PEM files with authorities of the plant's own.
    public var authorities: [String] = []
    public var classes: [DefectLabel] = []
    public var minConfidence = "0.8"
    public var minSeverity = "0.3"

    public init() {}

    public static let assetsFile = "assets.csv"
}
