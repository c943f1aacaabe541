import AndonModel

/// How Andon's own OPC UA server listens, and to whom it speaks.
public struct OPCUAServerSettings: Sendable {
    public var host = "0.0.0.0"
    /// 0 takes a free port.
    public var port = 4840
    /// What the server is called for good, in its certificate and in the trust lists of others; nil makes one of the plant's.
    public var applicationURI: String?
    /// The names and addresses by which clients reach it, for the certificate; empty takes the machine's own name.
    public var names: [String] = []
    public var policies: [Policy] = Policy.allCases
    public var modes: [Mode] = Mode.allCases
    /// Whether an endpoint without any security is offered as well.
    public var isOpen = false
    /// Whether who does not say who they are may read.
    public var letsAnonymousRead = false
    /// Whether the accounts of those who sign may log in.
    public var takesAccounts = false
    public var users: [User] = []
    /// Open work orders that are listed.
    public var ordersShown = 20
    /// How often the plant is looked at.
    public var every: Duration = .seconds(1)

    /// Policies of OPC 10000-7 by their names there.
    public enum Policy: String, Sendable, CaseIterable {
        case basic256Sha256 = "Basic256Sha256"
        case aes128 = "Aes128_Sha256_RsaOaep"
        case aes256 = "Aes256_Sha256_RsaPss"
    }

    public enum Mode: String, Sendable, CaseIterable {
        case sign = "Sign"
        case signAndEncrypt = "SignAndEncrypt"
    }

    /// A system that logs in by name, and what it may do beside reading.
    public struct User: Sendable {
        public var name: String
        public var password: Secret
        public var may: [Right]
    }

    public enum Right: String, Sendable, CaseIterable {
        /// Acknowledge alarms and comment on them.
        case acknowledge
        /// Hand in reports, as over HTTP.
        case submit
        /// Say that the CMMS has news of an order.
        case respond
    }

    public init() {}
}

extension OPCUAServerSettings {
    /// Longer ones cannot be sent under these policies (OPC 10000-4, 7.40.2.1).
    static let passwordBytesMax = 64

    init(reading reader: SettingsReader) {
        self.init()
        if let node = reader.raw("listen"), let text = reader.text(of: node) {
            if let (host, port) = ServerSettings.address(text) {
                self.host = host
                self.port = port
            } else {
                reader.faults.add(
                    "should be an address and a port like 0.0.0.0:4840 or [::]:4840, found \(node.kindName)", at: node)
            }
        }
        if let node = reader.raw("applicationURI"), let text = reader.text(of: node) {
            if text.hasPrefix("urn:") || text.contains("://"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                applicationURI = text
            } else {
                reader.faults.add("should be a URI like urn:plant.example:andon, found \(node.kindName)", at: node)
            }
        }
        names = reader.list("names").compactMap { Self.hostName($0, reader) }
        policies = Self.choices("policies", reader) ?? policies
        modes = Self.choices("modes", reader) ?? modes
        isOpen = reader.bool("none", default: isOpen)
        letsAnonymousRead = reader.choice("anonymous", default: Anonymous.no) == .read
        takesAccounts = reader.bool("accounts", default: takesAccounts)
        users = Self.users(reader)
        ordersShown = reader.integer("orders", in: 1...99) ?? ordersShown
        every = reader.duration("every", in: .milliseconds(250) ... .seconds(60)) ?? every
        if policies.isEmpty || modes.isEmpty, !isOpen {
            reader.faults.add("offers no endpoint: name policies and modes, or set none: true", at: reader.node)
        }
        if !letsAnonymousRead, !takesAccounts, users.isEmpty {
            reader.faults.add(
                "lets nobody in: name users, or set accounts: true or anonymous: read", at: reader.node)
        }
        reader.finish()
    }

    private enum Anonymous: String, CaseIterable { case no, read }

    private static func hostName(_ node: Settings, _ reader: SettingsReader) -> String? {
        guard let text = reader.text(of: node) else { return nil }
        let isName = text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 58].contains($0)
        }
        if isName, !text.isEmpty { return text }
        reader.faults.add(
            "should be a host name or an address like andon.plant.example, found \(node.kindName)", at: node)
        return nil
    }

    /// The words of a list, each one of an enumeration; nil where the option is not written.
    private static func choices<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ reader: SettingsReader
    ) -> [Choice]? where Choice.RawValue == String {
        guard reader.raw(key) != nil else { return nil }
        return reader.list(key).compactMap { node in
            guard let text = reader.text(of: node) else { return nil }
            if let found = Choice(rawValue: text) { return found }
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            reader.faults.add("should be one of \(words); found \(node.kindName)", at: node)
            return nil
        }
    }

    private static func users(_ reader: SettingsReader) -> [User] {
        var seen: Set<String> = []
        return reader.list("users").compactMap { node in
            let user = reader.sub(node)
            let name = user.requiredText("name")
            if user.raw("password") == nil { user.missing("password") }
            let password = user.secret("password")
            let may: [Right] = choices("may", user) ?? []
            user.finish()
            guard !name.isEmpty, let password else { return nil }
            if !seen.insert(name).inserted { reader.faults.add("there is a user \"\(name)\" already", at: node) }
            if password.reveal().utf8.count > passwordBytesMax {
                reader.faults.add(
                    "the password of \"\(name)\" is longer than \(passwordBytesMax) bytes, which is the most that OPC UA's "
                        + "policies can carry", at: node)
            }
            return User(name: name, password: password, may: may)
        }
    }
}
