/// An address of the form `opc.tcp://host:port/path`.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    public static let standardPort = 4840

    /// A name, an IPv4 address, or an IPv6 address without brackets.
    public var host: String
    /// 1...65535.
    public var port: Int
    /// With its first slash; empty where there is none.
    public var path: String

    public init(host: String, port: Int = standardPort, path: String = "") {
        self.host = host
        self.port = port
        self.path = path
    }

    /// - Throws: ``ClientError/configuration(_:)`` with what is wrong with the text.
    public init(_ text: String) throws(ClientError) {
        guard let address = Self.parse(text) else {
            throw .configuration("\(printable(text)) is not an address of the form opc.tcp://host:port/path")
        }
        self = address
    }

    /// The address in a URL that may come from a stranger; nil for anything that is not `opc.tcp`.
    static func parse(_ text: String) -> ServerAddress? {
        let scheme = "opc.tcp://"
        guard text.utf8.count <= 4096, text.lowercased().hasPrefix(scheme) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let (host, port) = split(authority), !host.isEmpty else { return nil }
        return ServerAddress(host: host, port: port, path: String(rest.dropFirst(authority.count)))
    }

    private static func split(_ authority: Substring) -> (String, Int)? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            return port(authority[authority.index(after: end)...]).map { (String(host), $0) }
        }
        let host = authority.prefix { $0 != ":" }
        return port(authority.dropFirst(host.count)).map { (String(host), $0) }
    }

    private static func port(_ text: Substring) -> Int? {
        guard let first = text.first else { return standardPort }
        guard first == ":", let port = UInt16(text.dropFirst()), port > 0 else { return nil }
        return Int(port)
    }

    public var description: String {
        "opc.tcp://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)\(path)"
    }
}

/// Text from a stranger, fit for one line of a log: no control or format characters, at most 200 characters. It may
/// still hold markup; whoever shows it in a page escapes it.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.prefix(200).map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "?"
                default: scalar
                }
            }))
}
