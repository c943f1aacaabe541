import AndonModel
import AndonTesting
import Testing

@Suite("Template and cut")
struct TemplateTests {
    private let names: Set<String> = ["class", "asset", "camera"]

    @Test(
        "Placeholders are filled",
        arguments: [
            ("plain", "plain"), ("{class}", "scratch"), ("{class} on {asset}", "scratch on PRESS-3"),
            ("{{class}", "{class}"),
            ("{{{class}", "{scratch"), ("{class}{asset}", "scratchPRESS-3"), ("a } b", "a } b"), ("", ""),
            ("at {camera}.", "at ."),
        ])
    func fills(source: String, text: String) throws {
        let template = try Template(source, names: names)

        #expect(template.filled(with: ["class": "scratch", "asset": "PRESS-3"]) == text)
    }

    @Test("One placeholder alone whose value is not known gives nothing, so that the field is left out")
    func missing() throws {
        #expect(try Template("{camera}", names: names).filled(with: [:]) == nil)
    }

    @Test("A value that looks like a placeholder stays as it is")
    func noSecondPass() throws {
        #expect(try Template("x {class}", names: names).filled(with: ["class": "{asset}"]) == "x {asset}")
    }

    @Test("It says which values it has places for; braces that are plain text are none")
    func itsNames() throws {
        #expect(try Template("{class} on {asset}, {class}", names: names).names == ["class", "asset"])
        #expect(try Template("{{class} alone", names: names).names.isEmpty && Template.empty.names.isEmpty)
    }

    @Test(
        "Words of its own are told from marks",
        arguments: [
            ("{class}", false), ("{class}T{asset}", false), ("{class} - {asset}", false), ("/{class}/", false),
            ("on {asset}", true), ("{class} für {asset}", true), ("", false),
        ])
    func words(source: String, hasWords: Bool) throws {
        #expect(try Template(source, names: names).hasWords == hasWords)
    }

    @Test("An unknown name and an open brace are refused", arguments: ["{clas}", "{class", "{}", "a {"])
    func refuses(source: String) {
        #expect(throws: Template.Fault.self) { try Template(source, names: names) }
    }

    @Test("A cut text is never longer than the limit and keeps its beginning")
    func cut() {
        var random = SeededRandom(seed: 58)
        let letters: [Character] = ["a", "b", " ", "é", "😀", "👩‍🏭", "-"]
        for _ in 0..<5000 {
            let text = String((0..<random.int(0...60)).map { _ in random.pick(letters) })
            let limit = random.int(0...60)

            let cut = text.cut(to: limit)

            #expect(cut.count <= limit, "\(text) to \(limit)")
            if text.count <= limit { #expect(cut == text) }
            let kept = cut.hasSuffix("…") ? String(cut.dropLast()) : cut
            #expect(text.hasPrefix(kept), "\(text) to \(limit)")
        }
    }

    @Test(
        "A text is cut at a word when one ends near",
        arguments: [
            ("scratch on the cover plate", 12, "scratch on…"), ("scratch", 7, "scratch"), ("scratches", 5, "scra…"),
            ("a verylongword", 8, "a veryl…"), ("abc", 1, "a"), ("abc", 0, ""),
        ])
    func words(text: String, limit: Int, expected: String) {
        #expect(text.cut(to: limit) == expected)
    }
}
