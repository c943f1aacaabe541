import AndonModel

/// A header value with parameters, as `Content-Type` and `Content-Disposition` have them:
/// `form-data; name="picture"; filename="a;b.jpg"` (RFC 9110 section 5.6.6, RFC 2045 section 5.1, RFC 6266).
///
/// Reading never fails: what is no parameter is skipped, and the first of two equal names counts. The caller
/// misses what it needs.
public struct HeaderValue: Hashable, Sendable {
    /// What stands before the first semicolon, without the spaces around it.
    public let first: String
    /// Parameters by lower-case name, with quotes and escapes taken away.
    public let parameters: [String: String]

    public init(_ text: String) {
        var scan = HeaderScanner(bytes: Array(text.utf8))
        first = scan.until(UInt8(ascii: ";"))
        var parameters: [String: String] = [:]
        while let (name, value) = scan.parameter() {
            if parameters[name] == nil { parameters[name] = value }
        }
        self.parameters = parameters
    }

    /// The parameter `name`, or its extended form `name*` (RFC 8187) which is preferred when it can be read.
    public func text(_ name: String) -> String? {
        if let extended = parameters[name + "*"], let value = Self.extended(extended) { return value }
        return parameters[name]
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        HeaderScanner.trimmed(Array(text.utf8)[...])
    }

    /// `UTF-8'de'Stra%C3%9Fe.jpg`; nil for another character set.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return PercentCoding.decoded(String(parts[2]))
    }
}

private struct HeaderScanner {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text up to `end` or the end of all, trimmed; `end` is consumed.
    mutating func until(_ end: UInt8) -> String {
        let start = position
        while position < bytes.count, bytes[position] != end { position += 1 }
        defer { position = min(position + 1, bytes.count) }
        return Self.trimmed(bytes[start..<position])
    }

    /// The next `name=value`; nil at the end.
    mutating func parameter() -> (name: String, value: String)? {
        while position < bytes.count {
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "="), bytes[position] != UInt8(ascii: ";") {
                position += 1
            }
            let name = Self.trimmed(bytes[start..<position]).lowercased()
            guard position < bytes.count else { return nil }
            let separator = bytes[position]
            position += 1
            guard separator == UInt8(ascii: "="), !name.isEmpty else { continue }
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                return (name, until(UInt8(ascii: ";")))
            }
            let value = quoted()
            _ = until(UInt8(ascii: ";"))
            return (name, value)
        }
        return nil
    }

    /// Only `\"` and `\\` are escapes: old browsers send `filename="C:\pictures\a.jpg"`.
    private mutating func quoted() -> String {
        position += 1
        var value: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "\"") || bytes[position + 1] == UInt8(ascii: "\\")
            {
                position += 1
            }
            value.append(bytes[position])
            position += 1
        }
        position = min(position + 1, bytes.count)
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
