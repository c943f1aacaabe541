import AndonModel

/// The options of the form `variables`.
struct HandshakeOptions: Sendable {
    enum Trigger: String, CaseIterable, Sendable {
        /// A number that grows by one with each order; the acknowledgement is the same number.
        case counter
        /// True asks, and true acknowledges; then both go back to false.
        case boolean
    }

    var kind: Trigger
    var trigger: JSON
    var acknowledge: JSON
    /// Where the reference of the newest order that was taken stands, its id and its result.
    var reference: JSON?
    var id: JSON?
    var result: JSON?
    var success: String
    /// The counter begins anew with 1 behind it.
    var counterMax: Double
    var within: Duration
    var lookEvery: Duration
    /// Nodes as they are written in the configuration, and what goes into them.
    var fields: FieldMapping
    var nodes: [String: JSON]

    /// Texts of people, which may be cut; what else does not fit is refused.
    private static let prose: Set<String> = [
        "title", "shortTitle", "text", "action", "reason", "spc", "assetName", "zoneName", "className", "measurement",
    ]

    init(reading reader: SettingsReader, _ nodeReader: OPCUANodeReader, isUsed: Bool) {
        kind = reader.choice("handshake", default: .counter)
        trigger = nodeReader.node("trigger", isRequired: isUsed) ?? .null
        acknowledge = nodeReader.node("acknowledge", isRequired: isUsed) ?? .null
        reference = nodeReader.node("lastReference", isRequired: false)
        id = nodeReader.node("id", isRequired: false)
        result = nodeReader.node("result", isRequired: false)
        success = reader.text("success", default: "0")
        counterMax = reader.number("counterMax", in: 1...9e15) ?? 32_767
        within = reader.duration("acknowledgeWithin", in: .milliseconds(10)...(.seconds(600))) ?? .seconds(10)
        lookEvery = reader.duration("lookEvery", in: .milliseconds(10)...(.seconds(3600))) ?? .seconds(10)
        let length = reader.integer("textMax", in: 8...100_000) ?? 254
        fields = FieldMapping(unit: .utf8)
        nodes = [:]
        for (name, settings) in reader.named("fields") {
            guard let source = reader.text(of: settings), let node = nodeReader.node(name, at: settings) else {
                continue
            }
            do throws(Template.Fault) {
                let template = try Template(source, names: OrderText.fieldNames)
                let isProse = template.hasWords || !template.names.isDisjoint(with: Self.prose)
                fields.set(name, isProse ? .prose(max: length) : .code(max: length), template)
                nodes[name] = node
            } catch {
                reader.faults.add(error.reason, at: settings)
            }
        }
        if fields.isEmpty, isUsed { reader.missing("fields") }
    }

    /// The variable that our reference is written into, where there is one of its own.
    var ownReference: JSON? {
        fields.fields.first { $0.template.source == "{reference}" }.flatMap { nodes[$0.name] }
    }
}

/// Lets one through at a time, in the order in which they came.
actor OneAtATime {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        isTaken = false
    }
}
