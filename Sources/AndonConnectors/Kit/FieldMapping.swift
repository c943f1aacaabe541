import AndonModel

/// Which of our values goes into which field of the CMMS, and in what form it fits there.
///
/// Every connector brings a default; the configuration's section `fields` replaces single entries, adds others,
/// and switches one off with an empty text.
public struct FieldMapping: Sendable {
    /// The form of a value.
    public enum Form: Hashable, Sendable {
        /// Words for people: cut at a word when there are more than this many characters.
        case prose(max: Int)
        /// The same on one line.
        case line(max: Int)
        /// A code of the CMMS. It is never cut, because what is left may be another code.
        case code(max: Int, upperCase: Bool = false)
        case integer
        case number
        /// RFC 3339 with whole seconds and an offset.
        case time
        /// As it is.
        case text
    }

    public struct Field: Sendable {
        public var name: String
        public var form: Form
        public var template: Template
    }

    /// The mapping for people to read.
    public var shown: [MappedField] {
        fields.map { MappedField(field: $0.name, source: $0.template.source, form: $0.form.words) }
    }

    public private(set) var fields: [Field] = []
    /// What the system's lengths count.
    public var unit: TextUnit

    public init(unit: TextUnit = .characters) {
        self.unit = unit
    }

    /// Adds or replaces a field of the default mapping, whose template is part of the program.
    public mutating func set(_ name: String, _ form: Form, _ template: Template) {
        let field = Field(name: name, form: form, template: template)
        if let index = fields.firstIndex(where: { $0.name == name }) {
            fields[index] = field
        } else {
            fields.append(field)
        }
    }

    /// How many characters a field of words holds; nil when the mapping does not have it, or not as words.
    public func proseMax(_ name: String) -> Int? {
        switch fields.first(where: { $0.name == name })?.form {
        case .prose(let max), .line(let max): max
        default: nil
        }
    }

    /// The fields whose values are made of `names` alone, without another value and without words.
    public func made(of names: Set<String>) -> FieldMapping {
        var part = self
        part.fields.removeAll { field in
            let own = field.template.names
            return own.isEmpty || !own.isSubset(of: names) || field.template.hasWords
        }
        return part
    }

    public var isEmpty: Bool { fields.isEmpty }

    public mutating func remove(_ name: String) {
        fields.removeAll { $0.name == name }
    }

    /// The fields filled with `values`. A value that is not known leaves its field out.
    ///
    /// - Throws: `.refused` with the field's name when a value does not fit: the CMMS would refuse it too, or,
    ///   worse, take something else.
    public func filled(with values: [String: String]) throws(ConnectorError) -> [String: JSON] {
        var object: [String: JSON] = [:]
        for field in fields {
            guard let text = field.template.filled(with: values), !text.isEmpty else { continue }
            object[field.name] = try value(text, field)
        }
        return object
    }

    private func value(_ text: String, _ field: Field) throws(ConnectorError) -> JSON {
        switch field.form {
        case .text: return .string(text)
        case .prose(let max): return .string(text.cut(to: max, in: unit))
        case .line(let max): return .string(text.asOneLine.cut(to: max, in: unit))
        case .code(let max, let upperCase):
            guard unit.count(text) <= max else {
                throw .refused(
                    "\(field.name) takes \(max) characters and \"\(text)\" has \(unit.count(text)); "
                        + "shorten it where it comes from, or change the mapping of \(field.name)")
            }
            return .string(upperCase ? text.uppercased() : text)
        case .integer:
            guard let number = Int(text) else {
                throw .refused("\(field.name) takes a whole number and the mapping gives \"\(text)\"")
            }
            return .integer(number)
        case .number:
            guard let number = Double(text), number.isFinite else {
                throw .refused("\(field.name) takes a number and the mapping gives \"\(text)\"")
            }
            return .number(number)
        case .time:
            guard let time = Timestamp(text) else {
                throw .refused("\(field.name) takes a time and the mapping gives \"\(text)\"")
            }
            return .string(time.withWholeSeconds)
        }
    }
}

extension FieldMapping.Form {
    var words: String {
        switch self {
        case .line(let max): "one line, cut at a word beyond \(max) characters"
        case .prose(let max): "text, cut at a word beyond \(max) characters"
        case .code(let max, let upperCase): "code of at most \(max) characters\(upperCase ? ", upper case" : "")"
        case .integer: "whole number"
        case .number: "number"
        case .time: "time with offset"
        case .text: "text"
        }
    }
}

extension FieldMapping {
    /// Reads the section `fields`: a name of the CMMS and a template for it. A field that the default does not
    /// have goes as `form`.
    public mutating func change(
        reading reader: SettingsReader, key: String = "fields", names: Set<String>, form: Form = .text
    ) {
        for (name, settings) in reader.named(key) {
            guard case .scalar(let source, _) = settings.value else {
                if case .null = settings.value { remove(name) } else { _ = reader.text(of: settings) }
                continue
            }
            guard !source.isEmpty else {
                remove(name)
                continue
            }
            do {
                let template = try Template(source, names: names)
                set(name, fields.first { $0.name == name }?.form ?? form, template)
            } catch {
                reader.faults.add(error.reason, at: settings)
            }
        }
    }
}

extension Template {
    /// A template of the program itself. One with a mistake is an empty text, and the tests look at every default.
    static func own(_ source: String, names: Set<String>) -> Template {
        if let template = try? Template(source, names: names) { return template }
        assertionFailure("\(source) names a value that does not exist")
        return .empty
    }
}

extension Timestamp {
    /// `2026-11-23T21:09:00+00:00`: systems that know no fractions refuse them, or drop the whole field.
    var withWholeSeconds: String { "\(description.prefix(19))+00:00" }
}
