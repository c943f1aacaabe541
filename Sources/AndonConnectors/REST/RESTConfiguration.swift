import AndonModel

/// The options of a connector to a system that a mapping file describes.
public struct RESTConfiguration: Sendable {
    public var url: String
    var signIn: RESTSignIn
    var user: String?
    var password: Secret?
    var variables: [String: String]
    var mapping: RESTMapping
    /// The zone of times that come without one.
    var clock: LocalTime
    public var attachmentBytesMax: Int?
    public var pollOverlap: Duration

    public init(reading reader: SettingsReader) {
        url = reader.webAddress("url", example: "https://cmms.plant.example/api", isRequired: true) ?? ""
        user = reader.text("user")
        password = reader.secret("password")
        signIn = RESTSignIn(reading: reader, user: user, password: password)
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30))
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(7 * 86_400)) ?? .seconds(900)
        clock = reader.clock("timeZone")
        variables = reader.words("variables")
        let own = Self.tables(reader)
        mapping = RESTMapping()
        if let section = reader.section("mapping") {
            variables = section.words("variables").merging(variables) { $1 }
            let tables = Self.tables(section).merging(own) { $0.merging($1) { $1 } }
            mapping = RESTMappingReader(reader: section, variables: Set(variables.keys), tables: tables).read()
        } else {
            reader.faults.add(
                "a mapping is required here: mappingFile: a file beside this one, or the section mapping",
                at: reader.node)
        }
        reader.finish()
    }

    private static func tables(_ reader: SettingsReader) -> [String: [String: String]] {
        reader.named("tables").reduce(into: [:]) { tables, entry in
            guard case .map(let rows) = entry.settings.value else {
                reader.faults.add("should be a table like { 1: high, 2: low }", at: entry.settings)
                return
            }
            tables[entry.name] = rows.reduce(into: [:]) { $0[$1.key] = reader.text(of: $1.value) }
        }
    }
}
