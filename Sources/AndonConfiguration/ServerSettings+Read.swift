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
        pictures = reader.section("pictures").flatMap(ObjectStorage.init(reading:))
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

extension ServerSettings.ObjectStorage {
    init?(reading reader: SettingsReader) {
        let s3 = reader.webAddress("s3", example: "https://minio.plant.example:9000", isRequired: true)
        let bucket = reader.requiredText("bucket")
        let keys = ["accessKey", "secretKey"].map { key in
            if reader.raw(key) == nil { reader.missing(key) }
            return reader.secret(key)
        }
        self.init(
            s3: s3 ?? "", bucket: bucket, accessKey: keys[0] ?? Secret(""), secretKey: keys[1] ?? Secret(""))
        region = reader.text("region", default: region)
        prefix = reader.text("prefix", default: prefix)
        timeout = reader.duration("timeout", in: .seconds(1) ... .seconds(60)) ?? timeout
        copiesBytes = reader.byteCount("copies") ?? copiesBytes
        check(reader)
        reader.finish()
        if s3 == nil || keys.contains(nil) { return nil }
    }

    private func check(_ reader: SettingsReader) {
        if let node = reader.raw("s3"), s3.dropFirst("https://".count).contains("/") {
            reader.faults.add(
                "should end behind the host and its port; the bucket is an option of its own, found \(node.kindName)",
                at: node)
        }
        // What the rules for names of buckets allow, and nothing that a path would be made of.
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        if let node = reader.raw("bucket"),
            !(3...63).contains(bucket.count) || !bucket.allSatisfy(letters.contains) || bucket.contains("..")
        {
            reader.faults.add("should be 3 to 63 of a-z, 0-9, dots and hyphens, found \(node.kindName)", at: node)
        }
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false)
        let isPath = prefix.hasSuffix("/") && !parts.dropLast().contains { ["", ".", ".."].contains($0) }
        if let node = reader.raw("prefix"), !prefix.isEmpty, !isPath || prefix.utf8.count > 200 {
            reader.faults.add(
                "should be a path like andon/ with a slash at its end alone, found \(node.kindName)", at: node)
        }
        if let node = reader.raw("region"), region.isEmpty || region.contains(where: { $0 == "/" || $0.isWhitespace }) {
            reader.faults.add("should be a region's name like us-east-1, found \(node.kindName)", at: node)
        }
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
