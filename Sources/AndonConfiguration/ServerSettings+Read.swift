import AndonLedger
import AndonModel

extension ServerSettings {
    init(reading reader: SettingsReader) {
        self.init()
        if let node = reader.raw("listen"), let text = reader.text(of: node) {
            if let (host, port) = Self.address(text) {
                self.host = host
                self.port = port
            } else {
                reader.faults.add(
                    "should be an address and a port like 127.0.0.1:8080 or [::1]:8080, found \(node.kindName)",
                    at: node)
            }
        }
        dataFolder = reader.text("dataFolder", default: dataFolder)
        database = reader.section("database").map(Database.init(reading:))
        lease = reader.duration("lease", in: .seconds(2) ... .seconds(3600)) ?? lease
        publicURL = reader.webAddress("publicURL", example: "http://andon.plant.example:8080")
        apiKey = reader.secret("apiKey")
        access = reader.choice("access", default: access)
        language = reader.text("language", default: language)
        if let node = reader.raw("language"), !["en", "de"].contains(language) {
            reader.faults.add("should be en or de, found \(node.kindName)", at: node)
        }
        tls = reader.section("tls").flatMap { TransportSettings(reading: $0) }
        upstream = reader.section("upstream").flatMap(Upstream.init(reading:))
        sites = reader.section("sites").map(SitesSettings.init(reading:)) ?? sites
        reader.finish()
    }

    /// - Parameter text: `127.0.0.1:8080`, `[::1]:8080` or `andon.plant.example:8080`; port 0 takes a free one.
    public static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), port)
    }
}

extension ServerSettings.Database {
    init(reading reader: SettingsReader) {
        self.init(postgres: reader.requiredText("postgres"))
        schema = reader.text("schema", default: schema)
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789_")
        if let node = reader.raw("schema"),
            !(1...63).contains(schema.count) || !schema.allSatisfy(letters.contains) || schema.first?.isNumber ?? true
        {
            reader.faults.add("should be up to 63 of a-z, 0-9 and _, and begin with a letter", at: node)
        }
        reader.finish()
    }
}

extension NetworkSettings {
    init(reading reader: SettingsReader) {
        self.init()
        if reader.raw("allowed") != nil {
            allowed = reader.list("allowed").compactMap { node in
                guard let text = reader.text(of: node) else { return nil }
                if let range = AddressRange(text) { return range }
                reader.faults.add(
                    "should be a network like 10.20.0.0/16 or fd00::/8 with no bits beyond its length,"
                        + " found \(node.kindName)", at: node)
                return nil
            }
        }
        for node in reader.list("trustedCertificates") {
            guard let path = reader.text(of: node) else { continue }
            if reader.secrets.file(path)?.contains("-----BEGIN CERTIFICATE-----") != true {
                reader.faults.add("should be a file with certificates in PEM form, found \(node.kindName)", at: node)
            }
            trustedCertificates.append(path)
        }
        reader.finish()
    }
}
