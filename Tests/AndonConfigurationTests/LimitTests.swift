import AndonConfiguration
import AndonModel
import Foundation
import Testing

@Suite("What a hostile file costs")
struct LimitTests {
    func faults(_ yaml: String) -> String? {
        do throws(ConfigurationError) {
            _ = try Configuration.load(yaml: yaml, secrets: .none)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("A small file of aliases that unfold without end is refused at once")
    func aliases() {
        var yaml = "a: &a [x, x]\n"
        for (name, next) in zip("abcdefghijklmnopqrstuvwxy", "bcdefghijklmnopqrstuvwxyz") {
            yaml += "\(next): &\(next) [*\(name), *\(name)]\n"
        }
        #expect(faults(yaml) == "andon.yaml:2:8: aliases (*a) are not taken here; write the value out")
        #expect(faults("{\"a\":&a [x],\"b\":*a}")?.contains("aliases (*a)") == true)
        #expect(faults("a: &a\n  ? *a\n  : x\n")?.contains("aliases (*a)") == true)
    }

    @Test("An ampersand and an asterisk in a text are no alias")
    func noAlias() {
        #expect(faults("plant: { name: \"R&D *hall* & *more*\" }\n") == nil)
    }

    @Test("Nesting has an end", arguments: [31, 40, 900, 5000])
    func depth(_ depth: Int) {
        let yaml = "plant: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let found = faults(yaml) ?? ""
        #expect(found.contains("nest") == (depth > 31), "\(found)")
    }

    @Test("Values have an end")
    func values() {
        #expect(
            faults("x: [" + String(repeating: "a,", count: 200_000) + "]\n")?.contains("more than 200000 values")
                == true)
    }

    @Test("A file has an end, and must be there and be text")
    func files() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func words() -> String {
            do throws(ConfigurationError) {
                _ = try Configuration.load(path: path, secrets: .none)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(words().hasSuffix(".yaml: cannot be read"))
        try Data(repeating: UInt8(ascii: "#"), count: (4 << 20) + 1).write(to: URL(fileURLWithPath: path))
        #expect(words().hasSuffix(".yaml: is longer than 4194304 bytes"))
        try Data([0x70, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
        #expect(words().hasSuffix(".yaml: is not UTF-8"))
    }

    @Test("No change of the example crashes the reader, and every fault has a place in the file")
    func mutations() throws {
        let original = Array(try Example.text().utf8)
        let words = [
            "- ", "{", "}", "[", "]", ":", "\"", "'", "|", ">", "&a ", "*a", "!!int ", "? ", "\t", "\u{0}", "é",
            "---\n", "1e999", "-1", "null", "99999999999999999999",
        ]
        for seed in 1...400 {
            var random = Seeded(seed)
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: index)
                case 3: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...200, using: &random)))
                default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 80)], at: index)
                }
            }
            do throws(ConfigurationError) {
                _ = try Configuration.load(yaml: String(decoding: bytes, as: UTF8.self), secrets: .none)
            } catch {
                #expect(!error.faults.isEmpty, "seed \(seed)")
                #expect(
                    error.faults.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty }, "seed \(seed)")
            }
        }
    }

    @Test("No beginning of the example crashes the reader")
    func truncations() throws {
        let original = Array(try Example.text().utf8)
        for end in stride(from: 0, to: original.count, by: 61) {
            _ = faults(String(decoding: original[..<end], as: UTF8.self))
        }
    }
}

/// A generator whose seed stands in the failure's message.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
