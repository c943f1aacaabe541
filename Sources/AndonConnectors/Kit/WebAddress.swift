import AndonModel

/// Parts of an address, percent-encoded as RFC 3986 section 2 has it: everything but unreserved characters.
enum WebAddress {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xf)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `?a=1&b=2`, in the order given: some systems sign the query as it is sent.
    static func query(_ items: [(String, String)]) -> String {
        items.isEmpty ? "" : "?" + items.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    /// The address of a file for the wire: `folder:///mnt/drop/in/x.csv`.
    static func folder(_ path: String) -> String {
        "folder:///" + path.split(separator: "/").map { encoded(String($0)) }.joined(separator: "/")
    }

    /// The last segment of a path or address, without query.
    static func lastSegment(_ address: String) -> String? {
        let path = address.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.map(String.init)
    }

    /// The query of an address without its `?`; nil when there is none.
    static func queryText(of address: String) -> String? {
        guard let mark = address.firstIndex(of: "?") else { return nil }
        return String(address[address.index(after: mark)...].prefix { $0 != "#" })
    }
}

extension SettingsReader {
    /// A table of texts: `{ ours: theirs }`.
    func table(_ key: String) -> [(key: String, value: String, node: Settings)] {
        named(key).compactMap { name, settings in text(of: settings).map { (name, $0, settings) } }
    }
}
