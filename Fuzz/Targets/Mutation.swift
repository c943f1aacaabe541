import AndonModel
import AndonTesting

/// Wrong inputs from right ones, by a seed: for the tests, which know nothing of coverage.
extension SeededRandom {
    /// A JSON text keeps its form half of the time, so that readers get past the syntax.
    public mutating func mutation(of samples: [[UInt8]]) -> [UInt8] {
        let sample = pick(samples)
        return chance(50) ? mutatedValues(sample) ?? mutated(sample, with: samples) : mutated(sample, with: samples)
    }

    /// Tokens at which readers of text and of lengths have failed before.
    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u0000", "\\ud800", "null", "NaN", "1e308", "-1", "0", "1e999",
            "-0", "-9223372036854775808", "18446744073709551616", "\r\n", "\r\n--x", "--", "\r", ";", "=", "%", "''",
            "\u{0}", "é", "2026-02-30T00:00:00Z", "9999-12-31T23:59:60-23:59", "\u{202E}", "<", ">", "/>", "<!--",
            "&#x0;",
            "<![CDATA[", "- ", "*a", "&a ", "\n  ",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xFF, 0xD9], [0xFF, 0xC0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80], [0xC0, 0x80], [0x7F, 0xFF],
        ]

    /// Values that are JSON and at the edge of what a reader takes.
    private static let values: [JSON] = [
        nil, true, 0, 1, -1, 0.5, 1e6, 1_000_001, 1e308, .number(-0.0), .number(-9_223_372_036_854_775_808), 1919.999,
        [], [0, 0], [[0, 0], [0, 1], [1, 1]], [:], "", " ", "a", "e\u{301}", "é", "normalised", "pixel", "anomaly",
        "\u{202E}", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2016-12-31T23:59:60+01:00",
    ]

    /// One to three values replaced or left out; nil where the sample is no JSON.
    private mutating func mutatedValues(_ sample: [UInt8]) -> [UInt8]? {
        guard var json = try? JSON(parsing: sample) else { return nil }
        for _ in 0..<int(1...3) { json = mutated(json) }
        return json.canonicalBytes
    }

    private mutating func mutated(_ value: JSON) -> JSON {
        switch value {
        case .object(var members) where !members.isEmpty && !chance(5):
            let name = pick(members.keys.sorted())
            members[name] = chance(10) ? nil : members[name].map { mutated($0) }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && !chance(5):
            let index = int(0...elements.count - 1)
            elements[index] = mutated(elements[index])
            if chance(20) { elements.append(elements[index]) }
            return .array(elements)
        case .number(let number) where chance(60): return .number(number * pick([0, 0.5, 0.999, 1.001, 2, -1, 1000]))
        default: return pick(Self.values)
        }
    }

    /// Mostly one or two changes: a byte, a token, a cut, a repetition, a piece of another sample.
    private mutating func mutated(_ sample: [UInt8], with samples: [[UInt8]]) -> [UInt8] {
        var bytes = sample
        for _ in 0..<(chance(70) ? int(1...2) : int(3...6)) {
            let place = int(0...bytes.count)
            let end = min(bytes.count, place + int(0...12))
            switch int(0...6) {
            case 0 where place < bytes.count: bytes[place] = UInt8(int(0...255))
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(int(0...7))
            case 2: bytes.insert(contentsOf: pick(Self.tokens), at: place)
            case 3: bytes.replaceSubrange(place..<end, with: pick(Self.tokens))
            case 4: bytes.removeSubrange(place..<end)
            case 5:
                bytes.insert(contentsOf: Array(repeating: bytes[place..<end], count: int(1...20)).joined(), at: place)
            default:
                let other = pick(samples)
                let start = int(0...other.count)
                bytes.insert(contentsOf: other[start..<min(other.count, start + int(0...30))], at: place)
            }
        }
        return bytes
    }
}
