#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a JSON text from outside may cost. Every limit has a name, and the name is in the error.
public struct JSONLimits: Sendable {
    public var bytesMax: Int
    public var depthMax: Int
    /// Values in the whole text, members and elements together.
    public var valuesMax: Int
    public var stringBytesMax: Int

    public init(bytesMax: Int = 1 << 20, depthMax: Int = 32, valuesMax: Int = 100_000, stringBytesMax: Int = 64 << 10) {
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.valuesMax = valuesMax
        self.stringBytesMax = stringBytesMax
    }

    /// Of what the product wrote itself: whatever came in is in it, within the limits of its door.
    public static let kept = JSONLimits(
        bytesMax: 256 << 20, depthMax: 256, valuesMax: 50_000_000, stringBytesMax: 256 << 20)
}

/// Why a text is not JSON, or not JSON that we take.
public struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One sentence for the sender.
    public var reason: String
    /// Byte offset into the text.
    public var offset: Int
    /// JSON Pointer (RFC 6901) of the value being read; "" is the whole document.
    public var pointer: String

    public var description: String {
        "\(reason) (at byte \(offset)\(pointer.isEmpty ? "" : ", in \(pointer)"))"
    }
}

extension JSON {
    /// Reads one JSON text strictly: RFC 8259 syntax, UTF-8, no repeated member names (RFC 7493 section 2.3), no
    /// lone surrogates, numbers within the range of a double. Cost is linear in the text and bounded by `limits`.
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
        let result: Result<JSON, JSONSyntaxError>? = bytes.withContiguousStorageIfAvailable {
            JSONParser.parse($0, limits: limits)
        }
        let value = result ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0, limits: limits) }
        self = try value.get()
    }

    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
        try self.init(parsing: text.utf8, limits: limits)
    }
}

private struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    private var values = 0
    private var path: [PathStep] = []

    private enum PathStep {
        case member(String)
        case element(Int)
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) -> Result<JSON, JSONSyntaxError> {
        var parser = JSONParser(bytes: bytes, limits: limits)
        do throws(JSONSyntaxError) {
            return .success(try parser.document())
        } catch {
            return .failure(error)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func document() throws(JSONSyntaxError) -> JSON {
        guard bytes.count <= limits.bytesMax else {
            throw failure("the text has \(bytes.count) bytes, at most \(limits.bytesMax) are taken")
        }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("there is more text after the end of the JSON value") }
        return value
    }

    private func failure(_ reason: String) -> JSONSyntaxError {
        var pointer = ""
        for step in path {
            switch step {
            case .member(let name): pointer += "/" + JSONPointer.escape(name)
            case .element(let index): pointer += "/\(index)"
            }
        }
        return JSONSyntaxError(reason: reason, offset: position, pointer: pointer)
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard position < bytes.count else { throw failure("the text ends where a value should be") }
        values += 1
        guard values <= limits.valuesMax else { throw failure("more than \(limits.valuesMax) values") }
        guard depth <= limits.depthMax else { throw failure("nested deeper than \(limits.depthMax) levels") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            throw failure("NaN and Infinity are not JSON; leave the member out when the value is unknown")
        default: throw failure("a value cannot begin with this character")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw failure("the text ends within a word") }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            throw failure("unknown word; JSON has true, false and null")
        }
        position += count
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
        position += 1
        var members: [String: JSON] = [:]
        skipSpace()
        if try take("}", orEnd: "an object is not closed") { return .object(members) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw failure("a member name in double quotes should be here")
            }
            let name = try string()
            skipSpace()
            guard try take(":", orEnd: "an object is not closed") else {
                throw failure("a colon should follow the name")
            }
            skipSpace()
            path.append(.member(name))
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: name) == nil else {
                throw failure("the member name is there twice")
            }
            path.removeLast()
            skipSpace()
            if try take("}", orEnd: "an object is not closed") { return .object(members) }
            guard try take(",", orEnd: "an object is not closed") else { throw failure("a comma or } should be here") }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if try take("]", orEnd: "an array is not closed") { return .array(elements) }
        while true {
            skipSpace()
            path.append(.element(elements.count))
            elements.append(try value(depth: depth + 1))
            path.removeLast()
            skipSpace()
            if try take("]", orEnd: "an array is not closed") { return .array(elements) }
            guard try take(",", orEnd: "an array is not closed") else { throw failure("a comma or ] should be here") }
        }
    }

    private mutating func take(_ character: Unicode.Scalar, orEnd reason: String) throws(JSONSyntaxError) -> Bool {
        guard position < bytes.count else { throw failure(reason) }
        guard bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try decoded(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw failure("a control character in a string must be escaped") }
            position += 1
        }
        throw failure("a string is not closed")
    }

    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var buffer = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try buffer.withUnsafeBufferPointer { raw throws(JSONSyntaxError) in try decoded(raw) }
            case UInt8(ascii: "\\"):
                buffer.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw failure("a control character in a string must be escaped")
            default:
                buffer.append(byte)
            }
        }
        throw failure("a string is not closed")
    }

    private func decoded(_ raw: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> String {
        guard raw.count <= limits.stringBytesMax else {
            throw failure("a string of \(raw.count) bytes, at most \(limits.stringBytesMax) are taken")
        }
        guard let text = String(validating: raw, as: UTF8.self) else { throw failure("the string is not UTF-8") }
        return text
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard position < bytes.count else { throw failure("the text ends within an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try hexQuad()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800...0xDBFF).contains(first), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure("half of a surrogate pair") }
        position += 2
        let second = try hexQuad()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexQuad() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("the text ends within an escape") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            default: throw failure("four hexadecimal digits should follow \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: Numbers

extension JSONParser {
    /// Powers of ten that a double holds exactly.
    private static let exactPowers: [Double] = (0...22).map { pow(10, Double($0)) }

    private mutating func number() throws(JSONSyntaxError) -> Double {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        var mantissa: UInt64 = 0
        var exponent = 0
        var digits = 0
        let wholeStart = position
        while let digit = digit() { accumulate(digit, &mantissa, &digits) }
        guard position > wholeStart else { throw failure("a digit should follow the minus sign") }
        guard bytes[wholeStart] != 48 || position == wholeStart + 1 else {
            throw failure("a number has no leading zeros")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            let fractionStart = position
            while let digit = digit() { accumulate(digit, &mantissa, &digits) }
            guard position > fractionStart else { throw failure("a digit should follow the decimal point") }
            exponent = fractionStart - position
        }
        exponent += try explicitExponent()
        // Clinger's fast path: both parts are exact doubles, so one rounding gives the nearest double.
        if digits <= 15, (-22...22).contains(exponent) {
            let power = Self.exactPowers[abs(exponent)]
            let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return negative ? -value : value
        }
        return try slowNumber(from: start)
    }

    private mutating func digit() -> UInt8? {
        guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return bytes[position] - 48
    }

    private func accumulate(_ digit: UInt8, _ mantissa: inout UInt64, _ digits: inout Int) {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if digits > 0 || digit > 0 { digits += 1 }
    }

    private mutating func explicitExponent() throws(JSONSyntaxError) -> Int {
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return 0 }
        position += 1
        var negative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
            negative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let start = position
        var value = 0
        while let digit = digit() { value = min(value * 10 + Int(digit), 1_000_000) }
        guard position > start else { throw failure("a digit should follow the exponent") }
        return negative ? -value : value
    }

    private mutating func slowNumber(from start: Int) throws(JSONSyntaxError) -> Double {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            position = start
            throw failure("the number is beyond the range of a double (about 1.8e308)")
        }
        return value
    }
}
