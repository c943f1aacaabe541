import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Reading kept documents")
struct JSONDecodingTests {
    enum Kind: String, Codable, CaseIterable { case one, two }

    struct Part: Codable, Hashable {
        var name: String
        var count: Int64
        var small: UInt8?
        var weight: Double
        var isThere: Bool
        var kind: Kind
    }

    struct Whole: Codable, Hashable {
        var part: Part
        var parts: [Part]
        var numbers: [Int]
        var texts: [String?]
        var byName: [String: Part]
        var free: JSON
        var attributes: [String: JSON]
        var maybe: [String: JSON]?
        var time: Timestamp
        var table: [[Double]]
    }

    private static func part(_ random: inout SeededRandom) -> Part {
        Part(
            name: ["", "ä\u{0}\"\\/", "x 😀", "\u{7f}\n"][random.int(0...3)],
            count: Int64(random.int(-1_000_000...1_000_000)),
            small: random.int(0...1) == 0 ? nil : UInt8(random.int(0...255)), weight: Double(random.int(-99...99)) / 7,
            isThere: random.int(0...1) == 0, kind: Kind.allCases[random.int(0...1)])
    }

    @Test("They are read as Foundation reads them, whatever is in them", arguments: 1...20)
    func same(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<50 {
            let parts = (0..<random.int(0...3)).map { _ in Self.part(&random) }
            let free: JSON = [
                "a": .array([.null, .bool(true), .number(Double(random.int(0...9)) / 4), .string("é")]), "b": [:],
                "c": [],
            ]
            let whole = Whole(
                part: Self.part(&random), parts: parts,
                numbers: (0..<random.int(0...5)).map { _ in random.int(-5...5) },
                texts: [nil, "t", nil], byName: Dictionary(parts.map { ($0.name, $0) }, uniquingKeysWith: { $1 }),
                free: random.int(0...1) == 0 ? .null : free, attributes: free.object ?? [:],
                maybe: random.int(0...1) == 0 ? nil : free.object,
                time: Timestamp(microseconds: Int64(random.int(0...2_000_000_000)) * 1_000_000 + 17),
                table: [[], [0.5, Double(random.int(0...9))]])
            let text = String(decoding: try JSONEncoder().encode(whole), as: UTF8.self)
            #expect(try Whole(kept: text) == whole, "seed \(seed)")
            #expect(try Whole(kept: text) == JSONDecoder().decode(Whole.self, from: Data(text.utf8)), "seed \(seed)")
            // Written as Foundation writes it, but in the canonical form.
            #expect(try whole.keptText() == JSON(parsing: text).canonicalText, "seed \(seed)")
        }
    }

    @Test("What is missing, of another kind or too large is an error that says where")
    func wrong() throws {
        let good = #"{"name":"n","count":1,"weight":1.5,"isThere":true,"kind":"one"}"#
        #expect(try Part(kept: good).small == nil)
        for (old, new, place) in [
            (#""count":1,"#, "", "count"), (#""count":1"#, #""count":"1""#, "count"),
            (#""count":1"#, #""count":1.5"#, "count"),
            (#""name":"n""#, #""name":null"#, "name"), (#""isThere":true"#, #""isThere":1,"small":256"#, ""),
            (#""kind":"one""#, #""kind":"three""#, ""), (#""weight":1.5"#, #""weight":[]"#, "weight"),
        ] {
            let text = good.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: DecodingError.self, "\(text)") { try Part(kept: text) }
            #expect(place.isEmpty || error.map { "\($0)".contains(place) } == true, "\(text)")
        }
        #expect(throws: JSONSyntaxError.self) { try Part(kept: String(good.dropLast())) }
        #expect(throws: DecodingError.self) { try [Int].init(kept: "[1,2,true]") }
        #expect(throws: DecodingError.self) { try [Int].init(kept: "{}") }
    }

    private struct Nested: Encodable {
        enum Key: String, CodingKey { case list, inner, number }
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Key.self)
            var list = members.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            try list.encodeNil()
            var row = list.nestedContainer(keyedBy: Key.self)
            try row.encode(UInt64(1) << 53, forKey: .number)
            var deep = list.nestedUnkeyedContainer()
            try deep.encode(["x": 0.25])
            var inner = members.nestedContainer(keyedBy: Key.self, forKey: .inner)
            try inner.encode(true, forKey: .number)
            try Part(name: "p", count: 1, weight: 2, isThere: false, kind: .two).encode(to: members.superEncoder())
        }
    }

    @Test("What a type writes by itself, container in container, is written as Foundation writes it")
    func nested() throws {
        let theirs = try JSON(parsing: Array(try JSONEncoder().encode(Nested())))
        #expect(try JSON(of: Nested()) == theirs)
        #expect(try JSON(of: [[Double]]()) == [] && JSON(of: Optional<Int>.none) == .null)
    }

    @Test("A number that JSON does not keep is refused, with its place")
    func numbers() throws {
        var part = Part(name: "", count: (1 << 53) + 1, weight: 1, isThere: true, kind: .one)
        let tooLong = #expect(throws: EncodingError.self) { try part.keptText() }
        #expect(tooLong.map { "\($0)".contains("count") } == true)
        part.count = 1
        part.weight = .infinity
        let infinite = #expect(throws: EncodingError.self) { try JSON(of: ["a": [part]]) }
        #expect(infinite.map { "\($0)".contains("weight") } == true)
    }
}
