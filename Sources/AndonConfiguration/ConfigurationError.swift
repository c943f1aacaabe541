import AndonModel

/// Every mistake of a configuration, each with its place and with what would be right.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        public var file: String
        /// From 1; 0 when the mistake is the whole file's.
        public var line: Int
        public var column: Int
        /// The way from the document's root, for example `plant.assets[3].criticality`; may be empty.
        public var path: String
        public var message: String

        public init(file: String, line: Int = 0, column: Int = 0, path: String = "", message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.path = path
            self.message = message
        }

        init(file: String, _ fault: SettingsFault) {
            self.init(
                file: fault.file ?? file, line: fault.line, column: fault.column, path: fault.path,
                message: fault.message)
        }

        /// `andon.yaml:12:5: plant.assets[3].criticality: should be one of A, B, C; found "Z"`
        public var description: String {
            let place = line > 0 ? "\(file):\(line):\(column)" : file
            return "\(place): \(path.isEmpty ? "" : "\(path): ")\(message)"
        }
    }

    /// At least one, in the order of the files and their lines.
    public var faults: [Fault]

    public init(faults: [Fault]) {
        self.faults = faults
    }

    /// A line for each fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
