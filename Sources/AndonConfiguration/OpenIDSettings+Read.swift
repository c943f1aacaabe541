import AndonIdentity
import AndonModel

extension OpenIDSettings {
    private static let nameBytesMax = 200
    private static let rolesMax = 500

    /// Reads `accounts.openID`. To be called before the rest of the section is read, which ends with what nobody asked for.
    ///
    /// - Parameter publicURL: the address to which the provider sends people back.
    /// - Returns: nil where there is no such section, or what it needs is missing.
    static func read(_ accounts: SettingsReader, publicURL: String?) -> OpenIDSettings? {
        guard let node = accounts.raw("openID"), let reader = accounts.section("openID") else { return nil }
        if publicURL == nil {
            reader.faults.add("needs server.publicURL: the provider sends people back to that address", at: node)
        }
        var settings = OpenIDSettings(issuer: issuer(reader) ?? "", clientID: reader.requiredText("clientID"))
        settings.clientAuthentication = reader.choice("clientAuthentication", default: settings.clientAuthentication)
        settings.clientSecret = reader.secret("clientSecret")
        if settings.clientAuthentication != .none, reader.raw("clientSecret") == nil { reader.missing("clientSecret") }
        settings.scopes = scopes(reader) ?? settings.scopes
        settings.rolesClaim = name("rolesClaim", reader) ?? settings.rolesClaim
        settings.roles = roles(reader)
        settings.nameClaim = name("name", reader) ?? settings.nameClaim
        settings.loginClaim = name("login", reader) ?? settings.loginClaim
        settings.label = name("label", reader)
        reader.finish()
        return settings.issuer.isEmpty || settings.clientID.isEmpty ? nil : settings
    }

    /// Letter by letter: some providers' names end with a slash, and others' do not.
    private static func issuer(_ reader: SettingsReader) -> String? {
        guard let node = reader.raw("issuer") else {
            reader.missing("issuer")
            return nil
        }
        guard let text = reader.text(of: node) else { return nil }
        guard ProviderDocument.isSafe(text), !text.contains("?") else {
            reader.faults.add(
                "should be the provider's name as it writes it, an https address like "
                    + "https://login.plant.example/realms/plant, found \(node.kindName)", at: node)
            return nil
        }
        return text
    }

    private static func scopes(_ reader: SettingsReader) -> [String]? {
        guard let node = reader.raw("scopes") else { return nil }
        let scopes = reader.texts("scopes")
        let areWords = scopes.allSatisfy { scope in
            !scope.isEmpty && scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        }
        if !areWords || !scopes.contains("openid") {
            reader.faults.add("should be a list of words with openid among them, like [openid, profile]", at: node)
        }
        return scopes
    }

    private static func name(_ key: String, _ reader: SettingsReader) -> String? {
        guard let node = reader.raw(key), let text = reader.text(of: node) else { return nil }
        if text.isEmpty || text.utf8.count > nameBytesMax || text.withoutControls != text {
            reader.faults.add("should be a text of 1 to \(nameBytesMax) bytes", at: node)
        }
        return text
    }

    /// Each value of the claim with a role, or a list of them.
    private static func roles(_ reader: SettingsReader) -> [String: [Grant]] {
        let entries = reader.named("roles")
        if entries.isEmpty {
            reader.faults.add(
                "lets nobody in: say in roles what the provider's roles give, like { plant-quality: quality-engineer }",
                at: reader.raw("roles") ?? reader.node)
        }
        if entries.count > rolesMax {
            reader.faults.add("has more than \(rolesMax) roles", at: reader.raw("roles") ?? reader.node)
        }
        var roles: [String: [Grant]] = [:]
        for (name, node) in entries {
            let words: [Settings] = if case .list(let elements) = node.value { elements } else { [node] }
            roles[name, default: []] += words.compactMap { grant($0, reader) }
        }
        return roles
    }

    private static func grant(_ node: Settings, _ reader: SettingsReader) -> Grant? {
        guard let text = reader.text(of: node) else { return nil }
        if let grant = Grant(text) { return grant }
        reader.faults.add(
            "should be one of \(allowed(Role.allCases.map(\.rawValue))), or one of them at a site, like "
                + "planner@BEDFORD; found \(node.kindName)", at: node)
        return nil
    }
}
