import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test("What Foundation reads of a random valid document, we read too")
    func agreesWithFoundation() throws {
        for seed in UInt64(1)...2000 {
            var random = SeededRandom(seed: seed)
            let text = random.written(random.json())

            let ours = try JSON(parsing: text)
            let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])

            #expect(Self.isSame(ours, theirs), "seed \(seed): \(text)")
        }
    }

    @Test("The canonical form reads back as the same value, in the same bytes")
    func roundTrip() throws {
        for seed in UInt64(1)...3000 {
            var random = SeededRandom(seed: seed)
            let value = random.json()

            let again = try JSON(parsing: value.canonicalBytes)

            #expect(again == value, "seed \(seed)")
            #expect(again.canonicalBytes == value.canonicalBytes, "seed \(seed)")
        }
    }

    @Test("Every double reads as the nearest one, as strtod says")
    func numbers() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let digits = (0..<random.int(1...20)).map { _ in String(random.int(0...9)) }.joined()
            let text = "\(random.int(0...9)).\(digits)e\(random.int(-330...306))"
            let expected = try #require(Double(text))

            #expect(try JSON(parsing: text).number == expected, "\(text)")
        }
    }

    @Test(
        "Every limit refuses with its name and the place",
        arguments: [
            ("[[[[1]]]]", "nested deeper than 3 levels", "/0/0/0/0"),
            ("[1,2,3,4,5,6,7,8,9,10]", "more than 10 values", "/9"),
            ("{\"a\":\"123456789\"}", "a string of 9 bytes, at most 8 are taken", "/a"),
            ("[\"0123456789\",\"0123456789\",\"0123456789\"]", "the text has 40 bytes, at most 32 are taken", ""),
        ])
    func limits(text: String, reason: String, pointer: String) {
        let limits = JSONLimits(bytesMax: 32, depthMax: 3, valuesMax: 10, stringBytesMax: 8)

        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text, limits: limits) }

        #expect(error?.reason == reason)
        #expect(error?.pointer == pointer)
    }

    @Test("A hundred thousand open brackets are refused, not recursed into")
    func deepNesting() {
        let text = String(repeating: "[", count: 100_000)

        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }

        #expect(error?.reason == "nested deeper than 32 levels")
    }

    @Test("An error says the byte and the member where reading stopped")
    func place() {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSON(parsing: #"{"defects":[{"box":{"x":1}},{"box":{"x":NaN}}]}"#)
        }

        #expect(error?.pointer == "/defects/1/box/x")
        #expect(error?.offset == 40)
    }

    @Test("The smallest whole number of 64 bits is written like any other")
    func smallestInteger() throws {
        #expect(try JSON(parsing: "-9223372036854775808").canonicalText == "-9223372036854776000")
    }

    private static func isSame(_ ours: JSON, _ theirs: Any) -> Bool {
        switch ours {
        case .null: return theirs is NSNull
        case .bool(let value): return (theirs as? NSNumber)?.boolValue == value
        // Through its text: `doubleValue` of Foundation's decimal numbers is off by one unit in the last place.
        case .number(let value): return (theirs as? NSNumber).flatMap { Double($0.stringValue) } == value
        case .string(let value): return (theirs as? String).map { Array($0.utf8) == Array(value.utf8) } ?? false
        case .array(let elements):
            guard let other = theirs as? [Any], other.count == elements.count else { return false }
            return zip(elements, other).allSatisfy { isSame($0, $1) }
        case .object(let members):
            guard let other = theirs as? [String: Any], other.count == members.count else { return false }
            return members.allSatisfy { name, value in other[name].map { isSame(value, $0) } ?? false }
        }
    }
}
