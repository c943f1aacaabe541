import AndonModel
import Yams

/// YAML text -> `Settings` with the place of every value.
///
/// Aliases are refused: they make a small file unfold into a huge one, and a fault inside one has two places.
enum YAMLSettings {
    static let depthMax = 32
    static let nodesMax = 200_000

    private struct Spot {
        var line = 1
        var column = 1

        init() {}

        init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        init(_ mark: Mark) {
            self.init(line: mark.line, column: mark.column)
        }
    }

    /// - Parameter file: the file's name when it is not the configuration itself; faults then name it.
    static func parse(_ text: String, file: String? = nil) throws(SettingsFault) -> Settings {
        do {
            let settings = try parsed(text)
            return file.map { settings.within($0) } ?? settings
        } catch {
            var fault = error
            fault.file = file
            throw fault
        }
    }

    private static func parsed(_ text: String) throws(SettingsFault) -> Settings {
        guard text.utf8.count <= TextFile.bytesMax else {
            throw SettingsFault(line: 1, column: 1, path: "", message: "is longer than \(TextFile.bytesMax) bytes")
        }
        // Before the YAML parser sees them: it compares the keys of a section by their whole unfolded content.
        if let fault = aliasFault(in: text) { throw fault }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw fault(of: error, in: text)
        }
        guard let node else { return Settings(.null, line: 1, column: 1, path: "") }
        var left = nodesMax
        return try settings(of: node, path: "", depth: 0, left: &left, near: Spot())
    }

    private static func settings(
        of node: Node, path: String, depth: Int, left: inout Int, near: Spot
    ) throws(SettingsFault) -> Settings {
        let mark = node.mark.map(Spot.init) ?? near
        func refusal(_ message: String) -> SettingsFault {
            SettingsFault(line: mark.line, column: mark.column, path: path, message: message)
        }
        left -= 1
        guard left >= 0 else { throw refusal("the file has more than \(nodesMax) values") }
        guard depth <= depthMax else { throw refusal("is nested deeper than \(depthMax) levels") }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return Settings(
                isNull ? .null : .scalar(scalar.string, quoted: !isPlain), line: mark.line, column: mark.column,
                path: path)
        case .sequence(let sequence):
            var elements: [Settings] = []
            for (index, element) in sequence.enumerated() {
                elements.append(
                    try settings(of: element, path: "\(path)[\(index)]", depth: depth + 1, left: &left, near: mark))
            }
            return Settings(.list(elements), line: mark.line, column: mark.column, path: path)
        case .mapping(let mapping):
            var entries: [Settings.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else { throw refusal("a name here must be a plain text") }
                let keyMark = scalar.mark.map(Spot.init) ?? mark
                let way = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
                entries.append(
                    Settings.Entry(
                        key: scalar.string, keyLine: keyMark.line, keyColumn: keyMark.column,
                        value: try settings(of: value, path: way, depth: depth + 1, left: &left, near: keyMark)))
            }
            return Settings(.map(entries), line: mark.line, column: mark.column, path: path)
        case .alias: throw refusal("aliases are not taken here; write the value out")
        }
    }

    /// The first `*name` whose `&name` stands before it. That may stand in a comment or a quoted text: then
    /// another word in its place costs nothing.
    private static func aliasFault(in text: String) -> SettingsFault? {
        guard text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) else { return nil }
        var anchors: Set<Substring> = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = line
            while let sign = rest.firstIndex(where: { $0 == "&" || $0 == "*" }) {
                let name = rest[rest.index(after: sign)...].prefix {
                    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-")
                }
                if rest[sign] == "&" {
                    anchors.insert(name)
                } else if anchors.contains(name), !name.isEmpty {
                    return SettingsFault(
                        line: number + 1, column: line.distance(from: line.startIndex, to: sign) + 1, path: "",
                        message: "aliases (*\(name)) are not taken here; write the value out")
                }
                rest = rest[rest.index(after: sign)...]
            }
        }
        return nil
    }

    private static func fault(of error: any Error, in text: String) -> SettingsFault {
        func fault(_ mark: Spot, _ message: String) -> SettingsFault {
            SettingsFault(line: max(1, mark.line), column: max(1, mark.column), path: "", message: message)
        }
        guard let error = error as? YamlError else { return fault(Spot(), "is not YAML: \(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let lines = text.split(separator: "\n", maxSplits: mark.line, omittingEmptySubsequences: false)
            let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
            let isTab = line.dropFirst(mark.column - 1).first == "\t"
            return fault(
                Spot(mark),
                "is not YAML: \(context.map { "\($0.text) " } ?? "")\(problem)"
                    + (isTab ? "; indent with spaces, not with tabs" : ""))
        case .duplicatedKeysInMapping(let names, let context):
            return fault(
                Spot(context.mark),
                "\(names.map { "\"\($0)\"" }.joined(separator: ", ")) stands more than once in this"
                    + " section; keep one")
        case .reader(let problem, let offset, _, let yaml):
            let head = yaml.prefix(offset ?? 0)
            let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
            return fault(
                Spot(line: lines.count, column: (lines.last?.count ?? 0) + 1), "is not YAML: \(problem)")
        case .memory: return fault(Spot(), "is not YAML that can be taken: it is nested too deeply")
        default: return fault(Spot(), "is not YAML: \(error)")
        }
    }
}

extension Settings {
    /// The same with every value standing in `file`.
    fileprivate func within(_ file: String) -> Settings {
        var copy = self
        copy.file = file
        switch value {
        case .list(let elements): copy.value = .list(elements.map { $0.within(file) })
        case .map(let entries):
            copy.value = .map(
                entries.map { entry in
                    var entry = entry
                    entry.value = entry.value.within(file)
                    return entry
                })
        case .scalar, .null: break
        }
        return copy
    }
}
