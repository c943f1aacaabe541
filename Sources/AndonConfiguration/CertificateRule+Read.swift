import AndonIdentity
import AndonModel

extension CertificateRule {
    /// Reads `accounts.certificates`.
    static func list(reading reader: SettingsReader) -> [CertificateRule] {
        reader.list("certificates").compactMap { node in CertificateRule(reading: reader.sub(node)) }
    }

    /// Nil, with faults, for a row that does not say which certificate or for whom.
    private init?(reading reader: SettingsReader) {
        defer { reader.finish() }
        let found = Self.mark(reader)
        let named = Self.holder(reader, found)
        guard let mark = found, let holder = named else { return nil }
        self.init(mark, holder)
    }

    private static func mark(_ reader: SettingsReader) -> Mark? {
        switch (reader.raw("subject"), reader.raw("fingerprint")) {
        case (let node?, nil):
            guard let text = reader.text(of: node) else { return nil }
            if let name = SubjectName(text) { return .subject(name) }
            reader.faults.add(
                "should be a certificate's subject like \"CN=press-vision,O=Plant\", found \(node.kindName)", at: node)
        case (nil, let node?):
            guard let text = reader.text(of: node) else { return nil }
            let digits = text.lowercased().filter { $0 != ":" && $0 != " " }
            if digits.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return .fingerprint(digits) }
            reader.faults.add(
                "should be the SHA-256 of the certificate, 64 hexadecimal digits (openssl x509 -noout -fingerprint"
                    + " -sha256), found \(node.kindName)", at: node)
        default:
            reader.faults.add("give \"subject\" or \"fingerprint\", so that one kind of mark decides", at: reader.node)
        }
        return nil
    }

    private static func holder(_ reader: SettingsReader, _ mark: Mark?) -> Holder? {
        let (name, sites) = (reader.text("name"), reader.texts("sites"))
        switch (reader.raw("login"), reader.raw("permissions")) {
        case (let node?, nil):
            if name != nil || !sites.isEmpty {
                reader.faults.add("a person's name and sites are those of the account; leave them out", at: node)
            }
            return reader.text(of: node).map { Holder.person(login: $0) }
        case (nil, _?):
            let permissions = permissions(reader)
            guard !permissions.isEmpty else { return nil }
            return .machine(name: name ?? Self.name(mark), permissions, sites: Set(sites))
        default:
            reader.faults.add(
                "give \"permissions\" for a machine, or \"login\" for a person's account", at: reader.node)
            return nil
        }
    }

    private static func permissions(_ reader: SettingsReader) -> Set<Permission> {
        let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
        let found = reader.list("permissions").compactMap { node -> Permission? in
            guard let text = reader.text(of: node) else { return nil }
            if let permission = Permission(rawValue: text) { return permission }
            reader.faults.add("should be one of \(all); found \(node.kindName)", at: node)
            return nil
        }
        if found.isEmpty, let node = reader.raw("permissions") {
            reader.faults.add("should list at least one of \(all)", at: node)
        }
        return Set(found)
    }

    /// As the ledger calls a machine that nobody named.
    private static func name(_ mark: Mark?) -> String {
        switch mark {
        case .subject(let name)?: name.commonName ?? name.description
        case .fingerprint(let digest)?: "certificate \(digest.prefix(12))"
        case nil: "certificate"
        }
    }
}
