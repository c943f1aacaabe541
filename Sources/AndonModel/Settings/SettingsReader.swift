/// Reads one section of the configuration. Each getter notes a mistake and goes on with the default, so that one
/// pass finds all mistakes; `finish()` notes the options that nobody asked for.
public final class SettingsReader {
    public let node: Settings
    public let faults: SettingsFaults
    public let secrets: SecretSource
    private var members: [String: Settings.Entry] = [:]
    private var asked: [String] = []

    public init(_ node: Settings, faults: SettingsFaults, secrets: SecretSource) {
        self.node = node
        self.faults = faults
        self.secrets = secrets
        switch node.value {
        case .map(let entries):
            for entry in entries {
                if members.updateValue(entry, forKey: entry.key) != nil {
                    faults.add(
                        SettingsFault(
                            line: entry.keyLine, column: entry.keyColumn, path: entry.value.path,
                            message: "stands here a second time; keep one", file: entry.value.file))
                }
            }
        case .null: break
        case .scalar, .list: faults.add("should be a section with options, found \(node.kindName)", at: node)
        }
    }

    /// The member as written; nil when it is absent or empty.
    public func raw(_ key: String) -> Settings? {
        asked.append(key)
        faults.asked.insert(node.path.isEmpty ? key : "\(node.path).\(key)")
        guard let value = members[key]?.value else { return nil }
        if case .null = value.value { return nil }
        return value
    }

    public func section(_ key: String) -> SettingsReader? {
        raw(key).map { SettingsReader($0, faults: faults, secrets: secrets) }
    }

    /// Each entry of a section whose keys are names, for example `connectors`.
    public func named(_ key: String) -> [(name: String, settings: Settings)] {
        guard let value = raw(key) else { return [] }
        guard case .map(let entries) = value.value else {
            faults.add("should be a section with a name before each entry, found \(value.kindName)", at: value)
            return []
        }
        return entries.map { ($0.key, $0.value) }
    }

    public func list(_ key: String) -> [Settings] {
        guard let value = raw(key) else { return [] }
        guard case .list(let elements) = value.value else {
            faults.add("should be a list (lines that begin with \"- \"), found \(value.kindName)", at: value)
            return []
        }
        return elements
    }

    public func texts(_ key: String) -> [String] {
        list(key).compactMap { text(of: $0) }
    }

    public func text(_ key: String) -> String? {
        raw(key).flatMap { text(of: $0) }
    }

    public func text(_ key: String, default value: String) -> String { text(key) ?? value }

    /// The text, or "" with a fault noted.
    public func requiredText(_ key: String) -> String {
        let before = faults.faults.count
        if let value = text(key) { return value }
        if faults.faults.count == before { missing(key) }
        return ""
    }

    public func missing(_ key: String) {
        faults.add("the option \"\(key)\" is required here", at: node)
    }

    public func text(of value: Settings) -> String? {
        guard case .scalar(let text, _) = value.value else {
            faults.add("should be a text, found \(value.kindName)", at: value)
            return nil
        }
        return text
    }

    public func bool(_ key: String, default value: Bool) -> Bool {
        guard let node = raw(key) else { return value }
        guard case .scalar(let text, false) = node.value, let found = ["true": true, "false": false][text] else {
            faults.add("should be true or false, found \(node.kindName)", at: node)
            return value
        }
        return found
    }

    public func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let node = raw(key) else { return nil }
        return number(of: node, in: range)
    }

    public func number(of node: Settings, in range: ClosedRange<Double>) -> Double? {
        guard case .scalar(let text, false) = node.value, let found = Double(text), range.contains(found) else {
            faults.add(
                "should be a number from \(range.lowerBound) to \(range.upperBound), found \(node.kindName)", at: node)
            return nil
        }
        return found
    }

    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = raw(key) else { return nil }
        guard case .scalar(let text, false) = node.value, let found = Int(text), range.contains(found) else {
            faults.add(
                "should be a whole number from \(range.lowerBound) to \(range.upperBound), found \(node.kindName)",
                at: node)
            return nil
        }
        return found
    }

    /// `250ms`, `30s`, `5m`, `2h`, `1d`, `10y`.
    public func duration(_ key: String, in range: ClosedRange<Duration> = .zero ... .seconds(10 * 366 * 86_400))
        -> Duration?
    {
        guard let node = raw(key) else { return nil }
        guard case .scalar(let text, _) = node.value, let found = Quantity.duration(text) else {
            faults.add("should be a time like 250ms, 30s, 5m, 2h or 1d, found \(node.kindName)", at: node)
            return nil
        }
        guard range.contains(found) else {
            faults.add(
                "should be between \(Quantity.text(range.lowerBound)) and \(Quantity.text(range.upperBound)), found \(text)",
                at: node)
            return nil
        }
        return found
    }

    /// `512KB`, `20MB`, `2GB` (powers of 1000; KiB, MiB, GiB are powers of 1024), or a plain number of bytes.
    public func byteCount(_ key: String, in range: ClosedRange<Int> = 0...(1 << 50)) -> Int? {
        guard let node = raw(key) else { return nil }
        guard case .scalar(let text, _) = node.value, let found = Quantity.bytes(text), range.contains(found) else {
            faults.add("should be a size like 512KB, 20MB or 2GB, found \(node.kindName)", at: node)
            return nil
        }
        return found
    }

    /// An http or https address without the slash at its end, and without user or fragment; `takesQuery` allows
    /// a query.
    public func webAddress(
        _ key: String, example: String, isRequired: Bool = false, takesQuery: Bool = false
    ) -> String? {
        guard let node = raw(key) else {
            if isRequired { missing(key) }
            return nil
        }
        guard let text = text(of: node) else { return nil }
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        let rest = ["https://", "http://"].lazy.compactMap { trimmed.hasPrefix($0) ? trimmed.dropFirst($0.count) : nil }
        guard let host = rest.first, let first = host.utf8.first, first != UInt8(ascii: "/"),
            host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !trimmed.contains("#"),
            takesQuery || !trimmed.contains("?"), !host.prefix(while: { !"/?".contains($0) }).contains("@")
        else {
            faults.add("should be an address like \(example), found \(node.kindName)", at: node)
            return nil
        }
        return trimmed
    }

    /// One of the words of an enumeration.
    public func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default value: Choice) -> Choice
    where Choice.RawValue == String {
        guard let node = raw(key) else { return value }
        guard case .scalar(let text, _) = node.value, let found = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            faults.add("should be one of \(words); found \(node.kindName)", at: node)
            return value
        }
        return found
    }

    /// A secret by reference: `{ env: NAME }` or `{ file: /path }`. A secret written out is refused: the
    /// configuration file is copied, mailed and put under version control.
    public func secret(_ key: String) -> Secret? {
        guard let node = raw(key) else { return nil }
        guard case .map = node.value else {
            faults.add("a secret is not written here; give { env: NAME } or { file: /path/to/file }", at: node)
            return nil
        }
        let reference = SettingsReader(node, faults: faults, secrets: secrets)
        defer { reference.finish() }
        if let name = reference.text("env") {
            guard let value = secrets.environment(name), !value.isEmpty else {
                faults.add("the environment variable \(name) is not set", at: node)
                return nil
            }
            return Secret(value)
        }
        guard let path = reference.text("file") else {
            faults.add("give { env: NAME } or { file: /path/to/file }", at: node)
            return nil
        }
        guard let value = secrets.file(path)?.trimmingSuffix(while: \.isNewline), !value.isEmpty else {
            faults.add("the file \(path) cannot be read or is empty", at: node)
            return nil
        }
        return Secret(String(value))
    }

    /// Notes every option that was written and never asked for, with the nearest known name.
    public func finish() {
        let known = Set(asked)
        let written = members.values.sorted { ($0.keyLine, $0.key) < ($1.keyLine, $1.key) }
        for entry in written where !known.contains(entry.key) {
            let near = known.min { entry.key.editDistance(to: $0) < entry.key.editDistance(to: $1) }
            let hint = near.flatMap { entry.key.editDistance(to: $0) <= 3 ? "; did you mean \"\($0)\"?" : nil }
            faults.add(
                SettingsFault(
                    line: entry.keyLine, column: entry.keyColumn, path: entry.value.path,
                    message: "unknown option" + (hint ?? "; known here: \(known.sorted().joined(separator: ", "))"),
                    file: entry.value.file))
        }
    }
}

/// Times and sizes as people write them. A year is 366 days, so that it is never shorter than one of the calendar.
public enum Quantity {
    public static func duration(_ text: String) -> Duration? {
        let units: [(String, Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("y", 366 * 86_400),
        ]
        for (unit, seconds) in units where text.hasSuffix(unit) {
            guard let value = decimal(text.dropLast(unit.count)), value * seconds < 1e12 else { continue }
            return .microseconds(Int64((value * seconds * 1e6).rounded()))
        }
        return nil
    }

    public static func text(_ duration: Duration) -> String {
        let microseconds = duration.microseconds
        for (unit, size) in [
            ("y", 31_622_400_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000),
        ]
            as [(String, Int64)]
        where microseconds != 0 && microseconds % size == 0 {
            return "\(microseconds / size)\(unit)"
        }
        return microseconds == 0 ? "0s" : "\(JSON.ecmaScriptText(of: Double(microseconds) / 1000))ms"
    }

    public static func bytes(_ text: String) -> Int? {
        let units: [(String, Double)] = [
            ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("", 1),
        ]
        for (unit, size) in units where text.hasSuffix(unit) {
            guard let value = decimal(text.dropLast(unit.count)), value * size < 1e15 else { continue }
            return Int((value * size).rounded())
        }
        return nil
    }

    /// Digits with at most one point: `Double` alone would also take "nan", "0x10" and "1e300".
    private static func decimal(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(text)
    }
}

extension StringProtocol {
    func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }

    /// Levenshtein distance, for naming the option that was meant.
    package func editDistance(to other: some StringProtocol) -> Int {
        let right = Array(other)
        var row = Array(0...right.count)
        for (i, left) in enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let above = row[j + 1]
                row[j + 1] = Swift.min(above + 1, row[j] + 1, diagonal + (left == right[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
