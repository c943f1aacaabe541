import AndonModel
import UAClient
import UACodec

/// Looks at a vision system and says what is there and what a mapping makes of it. Nothing is taken in, and nothing is
/// changed there.
public struct SourceCheck: Sendable {
    private let name: String
    private let settings: OPCUASettings
    private let environment: SourceEnvironment
    /// How long the next event is waited for.
    private let wait: Duration

    /// A step with its outcome in words.
    public struct Line: Sendable, Hashable {
        public enum Kind: String, Sendable { case done, problem, sample }

        public var kind: Kind
        public var text: String
    }

    public init(name: String, settings: OPCUASettings, environment: SourceEnvironment, wait: Duration) {
        self.name = name
        self.settings = settings
        self.environment = environment
        self.wait = wait
    }

    /// - Parameter say: called with each line as it is known.
    /// - Returns: whether a report could be made of what the system tells.
    public func run(_ say: @Sendable (Line) -> Void) async -> Bool {
        let client: UAClient
        do {
            let configuration = try environment.client(of: settings, name: name)
            client = UAClient(configuration, group: environment.group)
            // To the address that was checked, as every connection.
            var address = configuration.address
            address.host = try await environment.resolve(address.host)
            let endpoints = try await Discovery.endpoints(at: address, group: environment.group)
            for endpoint in endpoints {
                let policy = endpoint.securityPolicyUri?.split(separator: "#").last.map(String.init) ?? "None"
                say(Line(kind: .done, text: "offers \(shown(policy)), \(Self.word(endpoint.securityMode))"))
            }
        } catch {
            say(Line(kind: .problem, text: "\(settings.url): \(error)"))
            return false
        }
        do {
            try await client.connect()
            say(Line(kind: .done, text: "connected as \(settings.identity.words)"))
            let isGood = try await look(client, say)
            await client.close()
            return isGood
        } catch {
            await client.close()
            say(Line(kind: .problem, text: "\(error)"))
            return false
        }
    }

    private func look(_ client: UAClient, _ say: @Sendable (Line) -> Void) async throws -> Bool {
        let uris = await client.namespaces.uris
        say(Line(kind: .done, text: "namespaces: \(uris.map(shown).joined(separator: ", "))"))
        switch settings.form {
        case .machineVision(let system):
            let start = system.flatMap { NodeText($0)?.expanded } ?? NodeId(85).expanded
            return try await results(.machineVision, below: start, client, say)
        case .machineryResult: return try await results(.machinery, below: NodeId(85).expanded, client, say)
        case .event(let form): return try await event(form, client, say)
        case .variables(let form): return try await variables(form, client, say)
        }
    }

    // MARK: Results

    private func results(
        _ model: ResultModel, below start: ExpandedNodeId, _ client: UAClient, _ say: @Sendable (Line) -> Void
    ) async throws -> Bool {
        let systems = try await ResultSystems.find(model, below: start, in: client)
        guard !systems.isEmpty else {
            say(Line(kind: .problem, text: "no vision system (an object with ResultManagement) below \(start)"))
            return false
        }
        var newest: ResultFields?
        for system in systems {
            say(Line(kind: .done, text: "vision system \(shown(system.name)), results managed by \(system.node)"))
            let server = ResultServer(client: client, model: model, node: system.node)
            let list = try await server.list()
            let folder = list == nil ? try await server.folder() : nil
            guard let kept = list ?? folder else {
                say(
                    Line(
                        kind: .problem,
                        text:
                            "it offers neither GetResultListFiltered nor a folder Results: what is missed while it is away "
                            + "cannot be fetched and will be a gap in the ledger"))
                continue
            }
            say(Line(kind: .done, text: "it keeps \(kept.count) results"))
            for fields in kept {
                guard let facts = ResultFacts(fields, model), facts.skipReason == nil else { continue }
                if newest.map({ ($0.facts.createdAt?.microseconds ?? 0) <= (facts.createdAt?.microseconds ?? 0) })
                    ?? true
                {
                    newest = ResultFields(facts: facts, fields: fields, server: server)
                }
            }
        }
        guard let newest else {
            return try await next(
                MonitoredItem(events: model.query), client, say,
                fields: { event in
                    let fields = model.fields(of: event)
                    return ResultFacts(fields, model) == nil ? nil : fields
                })
        }
        let whole = newest.facts.hasContent ? nil : try await newest.server.result(newest.facts.id)
        return try await sample(whole ?? newest.fields, event: "result:\(newest.facts.id)", client, say)
    }

    private struct ResultFields {
        var facts: ResultFacts
        var fields: FieldValue
        var server: ResultServer
    }

    // MARK: Events and variables

    private func event(_ form: EventForm, _ client: UAClient, _ say: @Sendable (Line) -> Void) async throws -> Bool {
        let type = try await ResultSystems.eventType(form, in: client)
        say(Line(kind: .done, text: "event type \(shown("\(type)"))"))
        let properties = try? await client.browse(type, BrowseQuery(nodeClasses: 2))
        let names = (properties ?? []).compactMap { $0.browseName.name }.map(shown)
        say(Line(kind: .done, text: "its fields: \(names.isEmpty ? "none of its own" : names.joined(separator: ", "))"))
        let notifier = form.notifier.flatMap { NodeText($0)?.expanded } ?? NodeId(2253).expanded
        return try await next(
            MonitoredItem(events: form.query(type: type), of: notifier), client, say, fields: EventForm.fields)
    }

    private func variables(
        _ form: VariablesForm, _ client: UAClient, _ say: @Sendable (Line) -> Void
    ) async throws -> Bool {
        let named = [("trigger", form.trigger)] + form.nodes.sorted { $0.key < $1.key }
        let nodes = named.compactMap { name, text in NodeText(text).map { (name, $0) } }
        let values = try await client.read(nodes.map { ReadItem($0.1.expanded) })
        var found: [String: FieldValue] = [:]
        for ((name, _), value) in zip(nodes, values) {
            if value.effectiveStatus.isBad {
                say(Line(kind: .problem, text: "\(name): \(value.effectiveStatus.name)"))
            } else if let value = value.value {
                found[name] = FieldValue(value)
                say(Line(kind: .done, text: "\(name) is \(FieldValue(value).kindName)"))
            }
        }
        guard let first = values.first, let trigger = Sample(first) else {
            say(Line(kind: .problem, text: "the trigger has no value with a time"))
            return false
        }
        found["trigger"] = nil
        return try await sample(
            VariablesForm.fields(found, trigger: trigger), event: TriggerTracker.key(trigger: form.trigger, trigger),
            client,
            say)
    }

    /// Waits for the next event, and shows it.
    private func next(
        _ item: MonitoredItem, _ client: UAClient, _ say: @Sendable (Line) -> Void,
        fields: @escaping @Sendable (EventNotification) -> FieldValue?
    ) async throws -> Bool {
        let subscription = try await client.subscribe()
        let status = try await subscription.add([item])
        guard let first = status.first, !first.status.isBad else {
            say(Line(kind: .problem, text: "the server does not let us watch: \(status.first?.status.name ?? "-")"))
            return false
        }
        say(Line(kind: .done, text: "waiting \(Quantity.text(wait)) for the next event"))
        let found = try await withThrowingTaskGroup(of: FieldValue?.self) { group in
            group.addTask {
                for try await element in subscription {
                    guard case .notification(let notification) = element else { continue }
                    if let found = notification.events.lazy.compactMap(fields).first { return found }
                }
                return nil
            }
            group.addTask { [environment, wait] in
                try await environment.time.sleep(for: wait)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        await subscription.close()
        guard let found else {
            say(
                Line(
                    kind: .problem,
                    text: "no event came; let the system inspect a part meanwhile, or wait longer (--wait)"))
            return false
        }
        return try await sample(found, event: "event:sample", client, say)
    }

    // MARK: The sample

    private func sample(
        _ fields: FieldValue, event: String, _ client: UAClient, _ say: @Sendable (Line) -> Void
    ) async throws -> Bool {
        let mapper = InspectionMapper(settings.mapping)
        let key = EventKey(server: await client.endpoint?.server.applicationUri ?? settings.url, event: event)
        do throws(MappingRefusal) {
            say(Line(kind: .sample, text: "what came:\n\(Self.pretty(try mapper.decoded(fields).json))"))
            let document = try mapper.document(of: fields, id: key.id, origin: key.origin(source: name))
            say(Line(kind: .sample, text: "what it becomes:\n\(Self.pretty(document))"))
            return true
        } catch {
            say(Line(kind: .problem, text: "no report can be made of it: \(error)"))
            return false
        }
    }

    private func shown(_ text: String) -> String { text.cut(to: 200).asOneLine }

    static func word(_ mode: UACodec.MessageSecurityMode) -> String {
        switch mode {
        case .signAndEncrypt: "SignAndEncrypt"
        case .sign: "Sign"
        default: "not protected"
        }
    }

    /// Indented, a member a line; without control characters, as it comes from a stranger.
    static func pretty(_ json: JSON, _ indent: String = "  ") -> String {
        switch json {
        case .object(let members) where !members.isEmpty:
            members.sorted { $0.key < $1.key }.map { name, value in
                let isNested = (value.object?.isEmpty == false) || (value.array?.isEmpty == false)
                let separator = isNested ? "\n" : " "
                return "\(indent)\(name.cut(to: 80).asOneLine):\(separator)"
                    + (isNested ? pretty(value, indent + "  ") : pretty(value, ""))
            }.joined(separator: "\n")
        case .array(let elements) where !elements.isEmpty:
            elements.prefix(20).map { element in
                let isNested = (element.object?.isEmpty == false) || (element.array?.isEmpty == false)
                return isNested ? "\(indent)-\n\(pretty(element, indent + "  "))" : "\(indent)- \(pretty(element, ""))"
            }.joined(separator: "\n") + (elements.count > 20 ? "\n\(indent)… \(elements.count - 20) more" : "")
        default: indent + json.canonicalText.cut(to: 300).withoutControls
        }
    }
}

extension OPCUASettings.Identity {
    fileprivate var words: String {
        switch self {
        case .anonymous: "anonymous"
        case .user(let name, _): "user \(name)"
        case .certificate(let file, _): "the person of \(file)"
        }
    }
}
