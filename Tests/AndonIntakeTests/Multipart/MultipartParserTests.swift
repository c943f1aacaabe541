import AndonIntake
import AndonModel
import AndonTesting
import Testing

@Suite("Multipart parser")
struct MultipartParserTests {
    /// What urllib3 2.7.0 makes of two fields: `encode_multipart_formdata` with a file name that has quotes in it.
    private static let urllib3: [UInt8] = body(
        """
        --b0undary\r\nContent-Disposition: form-data; name="event"; filename="event.json"\r\n\
        Content-Type: application/json\r\n\r\n{"id":"a"}\r\n--b0undary\r\nContent-Disposition: \
        form-data; name="picture"; filename="Straße %221%22.jpg"\r\nContent-Type: image/jpeg\r\n\r\n
        """, picture: [0xFF, 0xD8, 0xFF, 0x0D, 0x0A, 0x2D, 0x2D, 0x78, 0x0D, 0x0A, 0xFF, 0xD9],
        "\r\n--b0undary--\r\n")

    /// What curl 7.88.1 sends for `-F event=@e.json;type=application/json -F picture=@p.jpg`.
    private static let curl: [UInt8] = body(
        """
        --------------------------11b1efc1fa5cba62\r\nContent-Disposition: form-data; name="event"; \
        filename="e.json"\r\nContent-Type: application/json\r\n\r\n{"id":"a"}\r\n\
        --------------------------11b1efc1fa5cba62\r\nContent-Disposition: form-data; name="picture"; \
        filename="a%22b.jpg"\r\nContent-Type: image/jpeg\r\n\r\n
        """, picture: [0xFF, 0xD8, 0xFF, 0x0D, 0x0A, 0x2D, 0x2D, 0x20, 0x0D, 0x0A],
        "\r\n--------------------------11b1efc1fa5cba62--\r\n")

    /// The pictures have what looks like the beginning of a boundary in them.
    private static func body(_ head: String, picture: [UInt8], _ end: String) -> [UInt8] {
        Array(head.utf8) + picture + Array(end.utf8)
    }

    /// A part with these bytes, as a simple sender writes it.
    private static func part(_ name: String, _ bytes: [UInt8], boundary: String) -> [UInt8] {
        Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n".utf8) + bytes + [0x0D, 0x0A]
    }

    @Test("What urllib3 sends is taken apart")
    func urllib3() throws {
        let parts = try CollectedParts(Self.urllib3, boundary: "b0undary")

        #expect(parts.isFinished)
        #expect(
            parts.parts.map(\.headers) == [
                PartHeaders(name: "event", fileName: "event.json", contentType: "application/json"),
                PartHeaders(name: "picture", fileName: "Straße %221%22.jpg", contentType: "image/jpeg"),
            ])
        #expect(parts.parts.first?.bytes == Array("{\"id\":\"a\"}".utf8))
        #expect(parts.parts.last?.bytes == [0xFF, 0xD8, 0xFF] + Array("\r\n--x\r\n".utf8) + [0xFF, 0xD9])
        #expect(parts.areEnded)
    }

    @Test("What curl sends is taken apart")
    func curl() throws {
        let parts = try CollectedParts(Self.curl, boundary: "------------------------11b1efc1fa5cba62")

        #expect(parts.parts.map(\.headers.name) == ["event", "picture"])
        #expect(parts.parts.last?.bytes == [0xFF, 0xD8, 0xFF] + Array("\r\n-- \r\n".utf8))
    }

    @Test("Cut in two at any byte, or into single bytes, a body has the same parts")
    func everyCut() throws {
        for (body, boundary) in [(Self.urllib3, "b0undary"), (Self.curl, "------------------------11b1efc1fa5cba62")] {
            let whole = try CollectedParts(body, boundary: boundary)

            for cut in 0...body.count {
                #expect(try CollectedParts(body, boundary: boundary, pieces: [cut]) == whole, "cut at \(cut)")
            }
            let single = Array(repeating: 1, count: body.count)
            #expect(try CollectedParts(body, boundary: boundary, pieces: single) == whole)
        }
    }

    @Test("Any parts come out as they went in, however the body is cut")
    func property() throws {
        // Bytes that look like the beginning of a boundary, as often as not.
        let letters: [UInt8] = [0x0D, 0x0A, 0x2D, 0x2D, 0x62, 0x6F, 0x00, 0xFF]
        for seed in UInt64(1)...3000 {
            var random = SeededRandom(seed: seed)
            let boundary = random.pick(["bo", "b", "-", "--", "bob--bo", "ob o", String(repeating: "b", count: 70)])
            let contents = (0..<random.int(0...4)).map { _ in
                (0..<random.int(0...60)).map { _ in random.pick(letters) }
            }.filter { !Self.contains(boundary, $0) }
            var body = random.chance(30) ? Array("a preamble\r\n".utf8) : []
            for (index, content) in contents.enumerated() {
                body += Self.part("p\(index)", content, boundary: boundary)
            }
            body += Array("--\(boundary)--".utf8) + (random.chance(50) ? [0x0D, 0x0A, 0x21] : [])
            let pieces = (0..<30).map { _ in random.int(0...random.pick([1, 5, 50])) }

            let parts = try CollectedParts(body, boundary: boundary, pieces: pieces)

            #expect(parts.isFinished, "seed \(seed)")
            #expect(parts.parts.map(\.bytes) == contents, "seed \(seed)")
            #expect(parts.areEnded, "seed \(seed)")
        }
    }

    /// Whether a line of the content, or the line that the end of the content makes with what follows, is a boundary.
    private static func contains(_ boundary: String, _ content: [UInt8]) -> Bool {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let text = [0x0D, 0x0A] + content + delimiter
        return (0..<text.count - delimiter.count).contains { text[$0...].starts(with: delimiter) }
    }

    @Test("A big part passes without being kept, and comes out whole", arguments: [1, 1000, 65_536, 3 << 20])
    func big(pieceBytes: Int) throws {
        var random = SeededRandom(seed: 20)
        let picture = (0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
        let body = Self.part("picture", picture, boundary: "x") + Array("--x--".utf8)
        let pieces = Array(repeating: pieceBytes, count: min(body.count / pieceBytes, 2000))

        #expect(try CollectedParts(body, boundary: "x", pieces: pieces).parts.first?.bytes == picture)
    }

    @Test("A body that is cut short is refused, wherever the cut is")
    func truncated() {
        let end = Self.urllib3.count - "\r\n".utf8.count
        for count in 0..<end {
            #expect(throws: Problem.self) {
                try CollectedParts(Array(Self.urllib3.prefix(count)), boundary: "b0undary")
            }
        }
        #expect(throws: Never.self) { try CollectedParts(Array(Self.urllib3.prefix(end)), boundary: "b0undary") }
    }

    @Test("White space after a boundary is padding, and an empty part needs no second line break")
    func padding() throws {
        let text =
            "--x \t\r\nContent-Disposition: form-data; name=a\r\n\r\n--x\r\nContent-Disposition: form-data; "
            + "name=b\r\n\r\n\r\n--x--  "

        let parts = try CollectedParts(Array(text.utf8), boundary: "x")

        #expect(parts.parts.map(\.headers.name) == ["a", "b"])
        #expect(parts.areEnded && parts.parts.allSatisfy { $0.bytes.isEmpty })
    }

    @Test(
        "A body that is not multipart, or lies, is refused",
        arguments: [
            ("{\"id\":1}", "ended before the first boundary"),
            ("--x\r\n\r\nbytes\r\n--x--", "has no header like Content-Disposition"),
            ("--x\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--x--", "has no header like"),
            ("--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--", "has no header like"),
            ("--x\r\nnonsense\r\n\r\n\r\n--x--", "has no colon"), ("--xy\r\n", "something other than a line break"),
            ("--x\n", "something other than a line break"), ("--x-\r\n", "something other than a line break"),
            ("--x\r\nA: 1\r\nA: 2\r\n\r\n", "twice"),
            (
                "--x\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--x--",
                "transfer encoding"
            ),
        ])
    func refuses(text: String, words: String) {
        let problem = refusal { try CollectedParts(Array(text.utf8), boundary: "x") }

        #expect(problem?.type == "invalid-multipart")
        #expect(problem?.detail.contains(words) == true, "\(problem?.detail ?? "")")
    }

    @Test("Headers, parts and bytes outside the boundaries have limits, however they arrive")
    func limits() {
        let head = "--x\r\nContent-Disposition: form-data; name=a\r\nX: \(String(repeating: "y", count: 9000))"
        let many = (0..<17).flatMap { Self.part("p\($0)", [], boundary: "x") } + Array("--x--".utf8)
        let preamble = Array(String(repeating: "y", count: 9000).utf8) + Array("\r\n--x--".utf8)
        let epilogue = Array("--x--\(String(repeating: "y", count: 9000))".utf8)

        for pieces in [[], Array(repeating: 7, count: 2000)] {
            let problems = [Array(head.utf8), many, preamble, epilogue].map { body in
                refusal { try CollectedParts(body, boundary: "x", pieces: pieces) }?.detail ?? ""
            }
            #expect(problems[0].contains("more than 8192 bytes"))
            #expect(problems[1].contains("more than 16 parts"))
            #expect(problems[2].contains("More than 8192 bytes stand outside"))
            #expect(problems[3].contains("More than 8192 bytes stand outside"))
        }
    }

    @Test(
        "A boundary is read from the content type, in quotes or not",
        arguments: [
            "multipart/form-data; boundary=b0undary", "Multipart/Form-Data;charset=utf-8; Boundary=\"b0undary\"",
            "multipart/form-data ; boundary = b0undary ; x=y",
        ])
    func contentType(text: String) throws {
        var parser = try MultipartParser(contentType: text)

        let events = try parser.feed(Self.urllib3)

        #expect(events.last == .finished)
    }

    @Test(
        "A content type without a usable boundary is refused",
        arguments: [
            ("multipart/form-data", 400), ("multipart/form-data; boundary=", 400),
            ("multipart/form-data; boundary=\"a \"", 400),
            ("multipart/form-data; boundary=\"a\u{0D}\"", 400), ("multipart/form-data; boundary=ä", 400),
            ("multipart/form-data; boundary=\(String(repeating: "b", count: 71))", 400),
            ("multipart/mixed; boundary=b", 415),
            ("", 415),
        ])
    func noBoundary(text: String, status: Int) {
        #expect(refusal { try MultipartParser(contentType: text) }?.status == status)
    }
}
