import AndonModel

/// The options of a connector to an OPC UA server.
public struct OPCUAConfiguration: Sendable {
    public enum Form: String, CaseIterable, Sendable {
        /// ISA-95 Job Control, OPC 10031-4 version 2.
        case jobControl
        /// A method with plain arguments.
        case method
        /// Variables with a trigger and an acknowledgement.
        case variables
    }

    public var form: Form
    var server: OPCUAServer
    /// Our words for theirs, in upper case.
    public var states: [String: OrderState]
    var jobControl: JobControlOptions?
    var method: MethodOptions?
    var variables: HandshakeOptions?
    /// How orders are followed in the forms `method` and `variables`.
    var following: OPCUAFollowing

    public init(reading reader: SettingsReader) {
        form = reader.choice("form", default: .jobControl)
        server = OPCUAServer(reading: reader)
        let nodes = OPCUANodeReader(reading: reader)
        states = reader.states(
            "states", over: form == .jobControl ? JobControlOptions.defaultStates : OPCUAFollowing.defaultStates)
        // All are read, whatever the form: a site may try one beside the other in the same section.
        let job = JobControlOptions(reading: reader, nodes, isUsed: form == .jobControl)
        let call = MethodOptions(reading: reader, nodes, isUsed: form == .method)
        let handshake = HandshakeOptions(reading: reader, nodes, isUsed: form == .variables)
        following = OPCUAFollowing(reading: reader, nodes, states: states)
        jobControl = form == .jobControl ? job : nil
        method = form == .method ? call : nil
        variables = form == .variables ? handshake : nil
        reader.finish()
    }
}

/// Reads nodes as people write them.
///
/// `nsu=urn:mes;s=Orders` and `i=2258` are ids; `/MES/j:JobOrderControl` is the way from the folder Objects, where a name
/// without a prefix is in the option `namespace`, `0:` is the standard's, and other prefixes are those of `namespaces`.
struct OPCUANodeReader {
    let namespace: String
    let namespaces: [String: String]
    let reader: SettingsReader

    static let jobControl = "http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/"

    init(reading reader: SettingsReader) {
        self.reader = reader
        namespace = reader.text("namespace", default: "")
        namespaces = reader.words("namespaces", over: ["0": "", "j": Self.jobControl])
    }

    /// The node of an option; a fault is noted where it is required and absent, or written wrongly.
    func node(_ key: String, in section: SettingsReader? = nil, isRequired: Bool = true) -> JSON? {
        let section = section ?? reader
        guard let written = section.raw(key) else {
            if isRequired { section.missing(key) }
            return nil
        }
        guard let text = section.text(of: written) else { return nil }
        return node(text, at: written)
    }

    func node(_ text: String, at place: Settings) -> JSON? {
        guard text.hasPrefix("/") else {
            guard Self.isID(text) else {
                reader.faults.add(
                    "should be a node like nsu=urn:mes;s=Orders, or a way like /MES/Orders, found \"\(text.cut(to: 60))\"",
                    at: place)
                return nil
            }
            return .string(text)
        }
        let names = text.split(separator: "/").compactMap { name(String($0), at: place) }
        return names.isEmpty ? nil : ["path": .array(names)]
    }

    /// `[URI, NAME]` of a browse name.
    func name(_ text: String, at place: Settings) -> JSON? {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2, let uri = namespaces[parts[0]] { return [.string(uri), .string(parts[1])] }
        guard parts.count == 1, !namespace.isEmpty else {
            reader.faults.add(
                parts.count == 2
                    ? "the prefix \(parts[0]): is not in namespaces"
                    : "\(text) needs a namespace: give the option namespace, or a prefix", at: place)
            return nil
        }
        return [.string(namespace), .string(text)]
    }

    private static func isID(_ text: String) -> Bool {
        var rest = Substring(text)
        if rest.hasPrefix("nsu=") {
            guard let end = rest.firstIndex(of: ";") else { return false }
            rest = rest[rest.index(after: end)...]
        }
        return ["i=", "s=", "g=", "b="].contains(String(rest.prefix(2))) && rest.count > 2
    }

    /// A method: its object is an option of its own, or the way without the last name.
    func call(_ section: SettingsReader, names: Set<String>) -> OPCUACall? {
        guard let written = section.raw("method"), let text = section.text(of: written) else {
            if section.raw("method") == nil { section.missing("method") }
            return nil
        }
        let isWay = text.hasPrefix("/")
        var object = node("object", in: section, isRequired: !isWay)
        let method: JSON?
        if isWay, let slash = text.lastIndex(of: "/") {
            let owner = text[..<slash]
            object = object ?? (owner.isEmpty ? .string("i=85") : node(String(owner), at: written))
            method = name(String(text[text.index(after: slash)...]), at: written)
        } else {
            method = node(text, at: written)
        }
        var arguments = FieldMapping()
        arguments.change(reading: section, key: "arguments", names: names)
        guard let object, let method else { return nil }
        return OPCUACall(object: object, method: method, label: text, arguments: arguments)
    }
}

/// A method with the templates of its arguments.
struct OPCUACall: Sendable {
    var object: JSON
    var method: JSON
    /// As the configuration has it.
    var label: String
    var arguments: FieldMapping

    /// What is not known is a null: the server decides whether it takes one.
    func step(_ values: [String: String]) throws(ConnectorError) -> JSON {
        let filled = try arguments.filled(with: values)
        let all = arguments.fields.map { ($0.name, filled[$0.name] ?? .null) }
        return OPCUAStep.call(object, method, Dictionary(all) { $1 })
    }
}

/// The steps that the wire takes.
enum OPCUAStep {
    static func call(_ object: JSON, _ method: JSON, _ arguments: [String: JSON]) -> JSON {
        ["call": ["object": object, "method": method, "arguments": .object(arguments)]]
    }

    static func read(_ nodes: [JSON]) -> JSON { ["read": .array(nodes)] }

    static func write(_ items: [(node: JSON, value: JSON)]) -> JSON {
        ["write": .array(items.map { ["node": $0.node, "value": $0.value] })]
    }

    static func wait(_ node: JSON, equals value: JSON, within limit: Duration) -> JSON {
        ["wait": ["node": node, "equals": value, "within": .integer(limit.microseconds / 1000), "every": 50]]
    }
}
