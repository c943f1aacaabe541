import AndonModel

/// Takes a `multipart/form-data` body apart as it arrives (RFC 7578; the framing is RFC 2046 section 5.1).
///
/// A state machine without I/O: feed it whatever arrived, act on the events. It holds back at most one
/// boundary's length and one part's headers, so memory is constant whatever the body's size, and it gives the same
/// parts however the body is cut into feeds.
///
/// ```swift
/// var parser = try MultipartParser(contentType: "multipart/form-data; boundary=x")
/// for chunk in body {
///     for event in try parser.feed(chunk) { ... }
/// }
/// try parser.finish()
/// ```
public struct MultipartParser: Sendable {
    public enum Event: Hashable, Sendable {
        case partBegan(PartHeaders)
        /// The next bytes of the part, never empty; shares its memory with what was fed.
        case data(ArraySlice<UInt8>)
        case partEnded
        /// The closing boundary was seen. Nothing comes after it.
        case finished
    }

    private enum State {
        /// Before the first boundary; nothing of it is kept (RFC 2046: the preamble is ignored).
        case preamble
        /// Right after a boundary: `--` closes the body, a line break begins a part.
        case afterBoundary
        case headers
        case body
        /// After the closing boundary; ignored.
        case epilogue
    }

    private let limits: IntakeLimits
    /// CR LF, two dashes, and the boundary. CR stands in it only at the start, because no boundary may hold one:
    /// so bytes that began to match and then differ can hold no other beginning.
    private let search: BoundarySearch
    private var state = State.preamble
    /// Bytes of the delimiter that match up to here, the end of the last feed among them.
    private var matched = 2
    /// Those of the matched bytes that were never part of the data: the first boundary may open the body, and the
    /// boundary after an empty part may follow its headers, as if a line break of their own stood before them.
    private var matchedBefore = 2
    /// Headers, or what follows a boundary, as far as they arrived.
    private var line: [UInt8] = []
    private var ignoredBytes = 0
    private var parts = 0

    /// - Parameter contentType: the request's `Content-Type`, which names the boundary.
    /// - Throws: 415 `unsupported-media-type` when it is not `multipart/form-data`; 400 `invalid-multipart` when
    ///   the boundary is missing or not one of RFC 2046 (1 to 70 characters of its `bchars`, no space at the end).
    public init(contentType: String, limits: IntakeLimits = IntakeLimits()) throws(Problem) {
        let value = HeaderValue(contentType)
        guard value.first.lowercased() == "multipart/form-data" else {
            throw Problem(
                status: 415, type: "unsupported-media-type", title: "This kind of body is not taken",
                detail: "The content type \(value.first.quotedShort) is not multipart/form-data.")
        }
        guard let boundary = value.parameters["boundary"] else {
            throw Self.refusal("The Content-Type names no boundary; let the HTTP library write this header.")
        }
        try self.init(boundary: boundary, limits: limits)
    }

    /// - Throws: 400 `invalid-multipart` when `boundary` is not one of RFC 2046.
    public init(boundary: String, limits: IntakeLimits = IntakeLimits()) throws(Problem) {
        let bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.last != 0x20, bytes.allSatisfy(Self.isBoundaryCharacter) else {
            throw Self.refusal(
                "The boundary \(boundary.quotedShort) is not one of RFC 2046: 1 to 70 letters, digits and '()+_,-./:=? "
            )
        }
        self.limits = limits
        search = BoundarySearch(Array("\r\n--".utf8) + bytes)
    }

    /// Takes the next bytes of the body.
    ///
    /// - Throws: 400 `invalid-multipart` for a body that is not multipart or goes over a limit. The parser is of no
    ///   use after that.
    public mutating func feed(_ bytes: [UInt8]) throws(Problem) -> [Event] {
        try feed(bytes[...])
    }

    public mutating func feed(_ bytes: ArraySlice<UInt8>) throws(Problem) -> [Event] {
        var events: [Event] = []
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .preamble: try skipPreamble(&rest)
            case .afterBoundary: try readAfterBoundary(&rest, &events)
            case .headers: try readHeaders(&rest, &events)
            case .body: readBody(&rest, &events)
            case .epilogue:
                try ignore(rest.count)
                rest = rest[rest.endIndex...]
            }
        }
        return events
    }

    /// Says that the body ended.
    ///
    /// - Throws: 400 `invalid-multipart` when the closing boundary did not come: the body was cut short.
    public mutating func finish() throws(Problem) {
        guard case .epilogue = state else {
            throw Self.refusal(
                parts == 0
                    ? "The body ended before the first boundary; each line of the framing ends in CR LF, and the "
                        + "boundary is the one that the Content-Type names."
                    : "The body ended before the closing boundary, so it was cut short; send it again.")
        }
    }

    static func refusal(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-multipart", title: "The multipart body cannot be read", detail: detail)
    }

    /// `bchars` of RFC 2046 section 5.1.1.
    private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}

// MARK: States

extension MultipartParser {
    private mutating func skipPreamble(_ rest: inout ArraySlice<UInt8>) throws(Problem) {
        var count = 0
        if findDelimiter(&rest, { count += $0.count }) { state = .afterBoundary }
        try ignore(count)
    }

    private mutating func ignore(_ count: Int) throws(Problem) {
        ignoredBytes += count
        guard ignoredBytes <= limits.preambleBytesMax else {
            throw Self.refusal(
                "More than \(limits.preambleBytesMax) bytes stand outside the boundaries; the boundary is the one that "
                    + "the Content-Type names, after CR LF and two dashes.")
        }
    }

    /// After the boundary stand two dashes, or a line break with white space before it (transport padding).
    private mutating func readAfterBoundary(
        _ rest: inout ArraySlice<UInt8>, _ events: inout [Event]
    ) throws(Problem) {
        let byte = rest.removeFirst()
        let isPaddingBefore = line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        let dash = UInt8(ascii: "-")
        switch byte {
        case dash where line.isEmpty, 0x20 where isPaddingBefore, 0x09 where isPaddingBefore,
            0x0D where isPaddingBefore:
            line.append(byte)
            guard line.count <= 256 else { throw Self.refusal("A boundary is followed by too much white space.") }
        case dash where line == [dash]:
            line = []
            state = .epilogue
            events.append(.finished)
        case 0x0A where line.last == 0x0D:
            line = []
            state = .headers
            parts += 1
            guard parts <= limits.partsMax else {
                throw Self.refusal("There are more than \(limits.partsMax) parts; send one JSON part and one picture.")
            }
        default:
            throw Self.refusal("A boundary is followed by something other than a line break (CR LF) or two dashes.")
        }
    }

    private mutating func readHeaders(_ rest: inout ArraySlice<UInt8>, _ events: inout [Event]) throws(Problem) {
        // Headers are short: a byte at a time is simple and quick enough.
        while let byte = rest.popFirst() {
            line.append(byte)
            guard line.count <= limits.partHeaderBytesMax else {
                throw Self.refusal("The headers of a part have more than \(limits.partHeaderBytesMax) bytes.")
            }
            guard byte == 0x0A, line == [0x0D, 0x0A] || line.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] else { continue }
            events.append(.partBegan(try PartHeaders(line, part: parts)))
            line = []
            state = .body
            matched = 2
            matchedBefore = 2
            return
        }
    }

    private mutating func readBody(_ rest: inout ArraySlice<UInt8>, _ events: inout [Event]) {
        guard findDelimiter(&rest, { events.append(.data($0)) }) else { return }
        events.append(.partEnded)
        state = .afterBoundary
    }

    /// Looks for the delimiter, gives the bytes before it to `data`, and cuts `rest` after it. Without one, all of
    /// `rest` is used up and its end may be held back as `matched`.
    private mutating func findDelimiter(
        _ rest: inout ArraySlice<UInt8>, _ data: (ArraySlice<UInt8>) -> Void
    ) -> Bool {
        let delimiter = search.delimiter
        if matched > 0 {
            let wanted = delimiter[matched...]
            let common = zip(wanted, rest).prefix { $0 == $1 }.count
            if common == wanted.count {
                matched = 0
                matchedBefore = 0
                rest = rest.dropFirst(common)
                return true
            }
            if common == rest.count {
                matched += common
                rest = rest[rest.endIndex...]
                return false
            }
            if matched > matchedBefore { data(delimiter[matchedBefore..<matched]) }
            matched = 0
            matchedBefore = 0
        }
        if let found = search.first(in: rest) {
            if found > rest.startIndex { data(rest[..<found]) }
            rest = rest[(found + delimiter.count)...]
            return true
        }
        matched = search.beginningAtEnd(of: rest)
        if rest.count > matched { data(rest.dropLast(matched)) }
        rest = rest[rest.endIndex...]
        return false
    }
}
