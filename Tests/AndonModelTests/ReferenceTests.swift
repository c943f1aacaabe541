import AndonModel
import AndonTesting
import Testing

@Suite("Reference")
struct ReferenceTests {
    private struct Words: RandomSource {
        let word: UInt64
        func next() -> UInt64 { word }
    }

    @Test("A drawn reference is ten characters of A-Z and 0-9 and begins with a letter")
    func drawn() throws {
        var random = SeededRandom(seed: 10)
        for word in [0, UInt64.max] + (0..<10_000).map({ _ in random.next() }) {
            let reference = Reference(from: Words(word: word))

            #expect(Reference(reference.text) == reference)
            #expect(reference.text.first?.isLetter == true, "\(reference)")
        }
    }

    @Test("Ten thousand draws give ten thousand references")
    func distinct() {
        var random = SeededRandom(seed: 11)
        let drawn = Set((0..<10_000).map { _ in Reference(from: Words(word: random.next())) })

        #expect(drawn.count == 10_000)
    }

    @Test(
        "Anything else is no reference",
        arguments: ["", "ABCDEFGHI", "ABCDEFGHIJK", "abcdefghij", "ABCDE-GHIJ", "ÄBCDEFGHI"])
    func refuses(text: String) {
        #expect(Reference(text) == nil)
    }
}
