import AndonLedger
import AndonModel
import AndonTransparency

extension ServerSettings {
    /// `server.upstream` with the files that it is reached by.
    public struct Upstream: Sendable {
        public var settings: UpstreamSettings
        /// PEM files: what is shown to the server above, and the authority of its own certificate.
        public var certificate: String?
        public var key: String?
        public var authority: String?
    }
}

extension ServerSettings.Upstream {
    /// Nil, with faults, where it does not say where to and as whom.
    init?(reading reader: SettingsReader) {
        let url = reader.webAddress("url", example: "https://andon.company.example", isRequired: true)
        if let node = reader.raw("url"), let url, !url.hasPrefix("https://") {
            reader.faults.add("should begin with https://: what is sent shows who sends it", at: node)
        }
        let site = reader.requiredText("site")
        if let node = reader.raw("site"), !SiteBatch.isName(site) {
            reader.faults.add("should be 1 to 40 of A-Z, a-z, 0-9, . - and _, found \(node.kindName)", at: node)
        }
        certificate = Self.file("certificate", holding: "-----BEGIN CERTIFICATE-----", in: reader)
        key = Self.file("key", holding: "PRIVATE KEY-----", in: reader)
        authority = Self.file("authority", holding: "-----BEGIN CERTIFICATE-----", in: reader)
        var settings = UpstreamSettings(url: url ?? "", site: site)
        settings.apiKey = reader.secret("apiKey")
        if (certificate == nil) != (key == nil) || (certificate == nil && settings.apiKey == nil) {
            reader.faults.add("give certificate and key, or apiKey: the server above asks who sends", at: reader.node)
        }
        settings.pictures = reader.choice("pictures", default: settings.pictures)
        settings.every = reader.duration("every", in: .seconds(1) ... .seconds(3600)) ?? settings.every
        settings.alarmAfter =
            reader.duration("alarmAfter", in: .seconds(60) ... .seconds(30 * 86_400)) ?? settings.alarmAfter
        settings.keepsPictures = reader.bool("keepPictures", default: settings.keepsPictures)
        reader.finish()
        guard url != nil else { return nil }
        self.settings = settings
    }

    private static func file(_ name: String, holding mark: String, in reader: SettingsReader) -> String? {
        guard let node = reader.raw(name), let path = reader.text(of: node) else { return nil }
        if reader.secrets.file(path)?.contains(mark) != true {
            reader.faults.add("should be a PEM file with \(mark), found \(node.kindName)", at: node)
        }
        return path
    }
}

extension SitesSettings {
    init(reading reader: SettingsReader) {
        self.init()
        picturesFor =
            reader.duration("keepPictures", in: .seconds(86_400) ... .seconds(100 * 366 * 86_400)) ?? picturesFor
        alarmAfter =
            reader.duration("alarmAfter", in: .seconds(60) ... .seconds(30 * 86_400)) ?? alarmAfter
        for node in reader.list("ledgers") {
            let row = reader.sub(node)
            let (site, text) = (row.requiredText("site"), row.requiredText("key"))
            do throws(TransparencyError) { keys[site, default: []].append(try VerifierKey(parsing: text)) } catch {
                reader.faults.add("key should be the vkey of the site's ledger (andon ledger keys): \(error)", at: node)
            }
            row.finish()
        }
        reader.finish()
    }
}
