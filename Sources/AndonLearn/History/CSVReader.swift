/// What a file of orders may cost. Every limit is named where it is passed.
public struct CSVLimits: Sendable {
    public var bytesMax: Int
    public var columnsMax: Int
    public var fieldBytesMax: Int
    public var rowsMax: Int

    public init(
        bytesMax: Int = 32 << 20, columnsMax: Int = 500, fieldBytesMax: Int = 32 << 10, rowsMax: Int = 500_000
    ) {
        self.bytesMax = bytesMax
        self.columnsMax = columnsMax
        self.fieldBytesMax = fieldBytesMax
        self.rowsMax = rowsMax
    }
}

/// Why a file as a whole cannot be read.
public struct HistoryFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; nil where it is of no line.
    public var line: Int?
    /// A sentence that says what to do.
    public var reason: String

    public var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}

/// Rows of a text in columns (RFC 4180), one at a time. Lines end with CR LF, LF or CR; a quote within a field that does
/// not begin with one is a letter like others.
struct CSVReader {
    struct Row {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
        /// The field after whose closing quote there is text, from 0.
        var trailing: Int?
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private let limits: CSVLimits
    private var index: Int
    private var line = 1
    private var rows = 0

    init(_ bytes: [UInt8], from start: Int = 0, line: Int = 1, separator: UInt8, limits: CSVLimits) {
        self.bytes = bytes
        self.separator = separator
        self.limits = limits
        self.line = line
        index = start
    }

    /// The next row that is not empty; nil behind the last.
    mutating func next() throws(HistoryFileError) -> Row? {
        while index < bytes.count {
            var row = Row(line: line, fields: [])
            var isEnd = false
            while !isEnd {
                guard row.fields.count < limits.columnsMax else {
                    throw HistoryFileError(
                        line: row.line, reason: "has more than \(limits.columnsMax) columns; export fewer.")
                }
                let (text, isTrailed) = try field(of: row)
                if isTrailed, row.trailing == nil { row.trailing = row.fields.count }
                row.fields.append(text)
                isEnd = endField()
            }
            if row.fields.count == 1, row.fields[0].isEmpty { continue }
            rows += 1
            guard rows <= limits.rowsMax else {
                throw HistoryFileError(
                    line: row.line, reason: "is beyond \(limits.rowsMax) orders; export the years in several files.")
            }
            return row
        }
        return nil
    }

    /// - Returns: whether the row ends with the field.
    private mutating func endField() -> Bool {
        guard index < bytes.count else { return true }
        let byte = bytes[index]
        index += 1
        guard byte != separator else { return false }
        if byte == 13, index < bytes.count, bytes[index] == 10 { index += 1 }
        line += 1
        return true
    }

    private mutating func field(of row: Row) throws(HistoryFileError) -> (text: String, isTrailed: Bool) {
        let start = index
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
            let text = try plain(row)
            return (String(decoding: bytes[start..<text], as: UTF8.self), false)
        }
        index += 1
        var content: [UInt8] = []
        while true {
            guard index < bytes.count else {
                throw HistoryFileError(
                    line: row.line, reason: "a quote opens in column \(row.fields.count + 1) and never closes.")
            }
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                guard index < bytes.count, bytes[index] == byte else { break }
                index += 1
            }
            if byte == 10 || byte == 13 && !(index < bytes.count && bytes[index] == 10) { line += 1 }
            content.append(byte)
            try check(content.count, row)
        }
        let behind = index
        let end = try plain(row)
        content += bytes[behind..<end]
        return (String(decoding: content, as: UTF8.self), end > behind)
    }

    /// Goes to the end of the field, whose place is the result.
    private mutating func plain(_ row: Row) throws(HistoryFileError) -> Int {
        let start = index
        while index < bytes.count, bytes[index] != separator, bytes[index] != 10, bytes[index] != 13 { index += 1 }
        try check(index - start, row)
        return index
    }

    private func check(_ length: Int, _ row: Row) throws(HistoryFileError) {
        guard length <= limits.fieldBytesMax else {
            throw HistoryFileError(
                line: row.line,
                reason:
                    "column \(row.fields.count + 1) has more than \(limits.fieldBytesMax) bytes; is a quote missing?")
        }
    }
}

/// The text of a file: which characters its bytes are, and what separates its columns.
enum CSVText {
    /// - Parameter encoding: nil to find it: UTF-8 where the bytes are, Windows-1252 otherwise.
    /// - Returns: UTF-8 without a byte order mark, and the encoding that was read.
    static func decode(
        _ bytes: [UInt8], encoding: HistoryMapping.Encoding?, limits: CSVLimits
    ) throws(HistoryFileError) -> (bytes: [UInt8], encoding: HistoryMapping.Encoding) {
        guard bytes.count <= limits.bytesMax else {
            throw HistoryFileError(reason: "The file has more than \(limits.bytesMax) bytes; export it in parts.")
        }
        guard !bytes.contains(0) else {
            throw HistoryFileError(
                reason: "The file has zero bytes: it is UTF-16 or no text. Save it as CSV in UTF-8.")
        }
        let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
        guard encoding != .utf8 || isUTF8 else {
            throw HistoryFileError(reason: "The file is not UTF-8; state encoding: windows-1252, or save it as UTF-8.")
        }
        if encoding != .windows1252, isUTF8 {
            return (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes, .utf8)
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            guard byte >= 0x80 else {
                text.append(byte)
                continue
            }
            let scalar = byte < 0xA0 ? high[Int(byte - 0x80)] : UInt32(byte)
            text += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        }
        return (text, .windows1252)
    }

    /// 0x80...0x9F of Windows-1252 (WHATWG Encoding Standard, index windows-1252).
    private static let high: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,
        0x17E, 0x178,
    ]

    /// The separator that the first line has most of outside quotes; a first line `sep=;` says it.
    static func separator(_ bytes: [UInt8]) -> (separator: UInt8, start: Int, line: Int) {
        let known = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
        let first = bytes.prefix { $0 != 10 && $0 != 13 }
        if first.count == 5, first.starts(with: Array("sep=".utf8)), let said = first.last, known.contains(said) {
            var start = first.count
            if start < bytes.count, bytes[start] == 13 { start += 1 }
            if start < bytes.count, bytes[start] == 10 { start += 1 }
            return (said, start, 2)
        }
        var counts = [0, 0, 0]
        var isQuoted = false
        for byte in first {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, let place = known.firstIndex(of: byte) { counts[place] += 1 }
        }
        let best = counts.indices.max { counts[$0] < counts[$1] } ?? 0
        return (known[best], 0, 1)
    }
}
