import AndonModel

extension OPCUASettings {
    /// Reads a source's section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        url = Self.address(reader)
        security = Self.security(reader)
        identity = Self.identity(reader, security)
        let form = Self.form(reader)
        self.form = form
        mapping =
            reader.section("mapping").map { FieldMapping(reading: $0, defaults: .of(form.name)) } ?? .unread
        if reader.raw("mapping") == nil { reader.missing("mapping") }
        picture = reader.section("picture").flatMap { PictureSettings(reading: $0, form: form.name) }
        publishing = reader.duration("publishing", in: .milliseconds(10) ... .seconds(60)) ?? .milliseconds(500)
        queue = reader.integer("queue", in: 1...100_000) ?? 1_000
        startWith = reader.choice("startWith", default: .new)
        overlap = reader.duration("overlap", in: .zero ... .seconds(86_400)) ?? .seconds(60)
        condition = reader.section("condition").flatMap { ConditionSettings(reading: $0) }
        if condition != nil, form.name != .machineVision, let node = reader.raw("condition") {
            reader.faults.add("only form: machineVision has conditions of the vision system", at: node)
        }
        alarmAfter = reader.duration("alarmAfter", in: .seconds(1) ... .seconds(7 * 86_400)) ?? .seconds(60)
        reader.finish()
    }

    private static func address(_ reader: SettingsReader) -> String {
        let url = reader.requiredText("url")
        if !url.isEmpty, let node = reader.raw("url"), !isAddress(url) {
            reader.faults.add(
                "should be an address like opc.tcp://vision-7.plant.example:4840, found \(node.kindName)", at: node)
        }
        return url
    }

    private static func isAddress(_ text: String) -> Bool {
        guard text.lowercased().hasPrefix("opc.tcp://"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return false
        }
        let authority = text.dropFirst(10).prefix { $0 != "/" }
        let port = authority.hasPrefix("[") ? authority.drop { $0 != "]" }.dropFirst() : authority.drop { $0 != ":" }
        let host = authority.dropLast(port.count)
        return !host.isEmpty && !authority.contains("@")
            && (port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()).map { $0 > 0 } == true))
    }

    private static func security(_ reader: SettingsReader) -> Security {
        let policy = reader.choice("policy", default: Policy.strongest)
        let mode = reader.choice("mode", default: Mode.signAndEncrypt)
        if policy == .none, let node = reader.raw("mode") {
            reader.faults.add("policy: None has no mode; leave it out", at: node)
        }
        return Security(
            policy: policy, mode: mode, allowsPlainPassword: reader.bool("allowPlainPassword", default: false))
    }

    private static func identity(_ reader: SettingsReader, _ security: Security) -> Identity {
        let user = reader.text("user")
        let password = reader.secret("password")
        let certificate = reader.section("userCertificate")
        if let certificate {
            let (file, key) = (certificate.requiredText("certificate"), certificate.requiredText("key"))
            certificate.finish()
            if let node = reader.raw("user") {
                reader.faults.add("give user and password, or userCertificate, not both", at: node)
            }
            return .certificate(file: file, key: key)
        }
        guard let user else {
            if let node = reader.raw("password") { reader.faults.add("a password needs a user", at: node) }
            return .anonymous
        }
        guard let password else {
            if reader.raw("password") == nil { reader.missing("password") }
            return .anonymous
        }
        if security.policy == .none, !security.allowsPlainPassword, let node = reader.raw("user") {
            reader.faults.add(
                "with policy: None the password would go where anyone can read it; choose a policy, or write "
                    + "allowPlainPassword: true", at: node)
        }
        return .user(user, password: password)
    }

    private static func form(_ reader: SettingsReader) -> Form {
        let name = reader.choice("form", default: Form.Name.machineVision)
        for (key, owner) in [("system", Form.Name.machineVision), ("event", .event), ("variables", .variables)]
        where owner != name {
            if let node = reader.raw(key) {
                reader.faults.add("belongs to form: \(owner.rawValue), and this source has \(name.rawValue)", at: node)
            }
        }
        switch name {
        case .machineVision: return .machineVision(system: node("system", reader))
        case .machineryResult: return .machineryResult
        case .event:
            guard let section = reader.section("event") else {
                reader.missing("event")
                return .machineryResult
            }
            return .event(EventForm(reading: section))
        case .variables:
            guard let section = reader.section("variables") else {
                reader.missing("variables")
                return .machineryResult
            }
            return .variables(VariablesForm(reading: section))
        }
    }

    static func node(_ key: String, _ reader: SettingsReader) -> String? {
        guard let node = reader.raw(key), let text = reader.text(of: node) else { return nil }
        if NodeText(text) == nil { reader.faults.add(NodeText.fault(node), at: node) }
        return text
    }
}

extension EventForm {
    init(reading reader: SettingsReader) {
        let type = reader.requiredText("type")
        let namespace = reader.text("namespace")
        let notifier = OPCUASettings.node("notifier", reader)
        let fields = reader.list("fields").compactMap { node -> String? in
            guard let text = reader.text(of: node) else { return nil }
            let steps = text.split(separator: "/", omittingEmptySubsequences: false)
            guard steps.count <= 16, steps.allSatisfy({ !$0.isEmpty }) else {
                reader.faults.add("should be a name like DefectClass or Result/Confidence", at: node)
                return nil
            }
            return text
        }
        if fields.isEmpty, reader.raw("fields") == nil { reader.missing("fields") }
        if fields.count > 100, let node = reader.raw("fields") { reader.faults.add("has over 100 fields", at: node) }
        reader.finish()
        self.init(type: type, namespace: namespace, notifier: notifier, fields: fields)
    }
}

extension VariablesForm {
    /// Fields that each event has beside those that are named.
    static let ownFields = ["trigger", "sourceTimestamp"]

    init(reading reader: SettingsReader) {
        let trigger = OPCUASettings.node("trigger", reader) ?? ""
        if reader.raw("trigger") == nil { reader.missing("trigger") }
        let kind = reader.choice("triggerKind", default: TriggerKind.counter)
        let taking = reader.choice("taking", default: Taking.read)
        var nodes: [String: String] = [:]
        for (name, node) in reader.named("fields") {
            guard let text = reader.text(of: node) else { continue }
            if NodeText(text) == nil { reader.faults.add(NodeText.fault(node), at: node) }
            if Self.ownFields.contains(name) || name.contains("/") {
                reader.faults.add("a field may not be called \"\(name)\" here; choose another name", at: node)
            }
            nodes[name] = text
        }
        if nodes.count > 200, let node = reader.raw("fields") { reader.faults.add("has over 200 fields", at: node) }
        reader.finish()
        self.init(trigger: trigger, triggerKind: kind, taking: taking, nodes: nodes)
    }
}

extension ConditionSettings {
    init?(reading reader: SettingsReader) {
        let (asset, camera) = (reader.requiredText("asset"), reader.requiredText("camera"))
        let warning = reader.text("warningClass")
        let error = reader.text("errorClass", default: "camera_fault")
        let severity = reader.integer("severityMin", in: 1...1000) ?? 1
        reader.finish()
        guard !asset.isEmpty, !camera.isEmpty else { return nil }
        self.init(
            asset: asset, camera: camera, warningClass: warning, errorClass: error, severityMin: severity)
    }
}

extension PictureSettings {
    init?(reading reader: SettingsReader, form: OPCUASettings.Form.Name) {
        let keys = ["transfer", "file", "field", "variable", "folder"]
        let written = keys.filter { reader.raw($0) != nil }
        let wait = reader.duration("wait", in: .zero ... .seconds(600)) ?? .seconds(10)
        let stableFor = reader.duration("stableFor", in: .zero ... .seconds(60)) ?? .seconds(1)
        let path = reader.fieldText("path")
        let of = reader.choice("of", default: Of.all)
        defer { reader.finish() }
        guard written.count == 1, let key = written.first, let node = reader.raw(key) else {
            reader.faults.add("name one of \(keys.joined(separator: ", "))", at: reader.node)
            return nil
        }
        if key != "folder", let stray = reader.raw("path") { reader.faults.add("only a folder has a path", at: stray) }
        let place: Place?
        switch key {
        case "transfer":
            if !reader.bool("transfer", default: true) {
                reader.faults.add("write transfer: true, or leave the section picture out", at: node)
            }
            if form != .machineVision, form != .machineryResult {
                reader.faults.add("only results have a transfer", at: node)
            }
            place = .transfer
        case "file": place = reader.fieldText("file").map { .file($0) }
        case "variable": place = reader.fieldText("variable").map { .variable($0) }
        case "field": place = reader.place("field").map { .field($0) }
        default:
            if path == nil, reader.raw("path") == nil { reader.missing("path") }
            let folder = reader.requiredText("folder")
            place = path.map { .folder(folder, path: $0) }
        }
        guard let place else { return nil }
        self.init(place: place, of: of, wait: wait, stableFor: stableFor)
    }
}
