import Foundation
import Testing

/// The words of the pages, held against each other and against the program.
@Suite("The pages' words")
struct TextTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func texts(_ language: String) throws -> [String: [String: String]] {
        let folder = root.appendingPathComponent("Sources/AndonWeb/Texts/\(language)")
        var pages: [String: [String: String]] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".json") {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            pages[String(file.dropLast(5))] = try JSONDecoder().decode([String: String].self, from: data)
        }
        return pages
    }

    private static func places(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{[A-Za-z0-9]+\}/).map { String($0.output) })
    }

    @Test("Every text exists in both languages, with the same places for values, and is not empty")
    func bothLanguages() throws {
        let (english, german) = (try Self.texts("en"), try Self.texts("de"))
        #expect(Set(english.keys) == Set(german.keys) && english.count > 15)
        for (page, texts) in english {
            let others = german[page] ?? [:]
            #expect(Set(texts.keys) == Set(others.keys), "\(page)")
            for (key, text) in texts {
                let other = others[key] ?? ""
                #expect(Self.places(text) == Self.places(other), "\(page).\(key)")
                #expect(!text.isEmpty && !other.isEmpty, "\(page).\(key)")
            }
        }
    }

    /// Every phrase of the program, by its key: both are literals in the source.
    private static func phrases() throws -> [String: String] {
        var found: [String: String] = [:]
        for folder in ["Sources/AndonLearn", "Sources/AndonServer/Learn"] {
            let files = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            for file in (files?.allObjects ?? []).compactMap({ $0 as? String }) where file.hasSuffix(".swift") {
                let source = try String(
                    contentsOf: root.appendingPathComponent("\(folder)/\(file)"), encoding: .utf8)
                let calls = source.matches(
                    of: /\bPhrase\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*("(?:[^"\\]|\\.)*"(?:\s*\+\s*"(?:[^"\\]|\\.)*")*)/)
                #expect(calls.count == source.matches(of: /\bPhrase\(/).count, "\(file): a phrase is no literal")
                for call in calls {
                    let pieces = String(call.output.2).matches(of: /"((?:[^"\\]|\\.)*)"/)
                    let text = pieces.map { String($0.output.1) }.joined().replacing("\\\"", with: "\"")
                    let key = String(call.output.1)
                    #expect(found[key] == nil || found[key] == text, "\(file): \(key) says two things")
                    found[key] = text
                }
            }
        }
        return found
    }

    @Test("What a report says has a text on the pages, whose English is the report's")
    func reports() throws {
        let phrases = try Self.phrases()
        #expect(phrases.count > 300)
        #expect(try Self.texts("en")["learn-report"] == phrases)
    }

    @Test("What a report says is German in German, but for what is made of values, letters and signs alone")
    func german() throws {
        let english = try #require(try Self.texts("en")["learn-report"])
        let german = try #require(try Self.texts("de")["learn-report"])
        let same = Set(english.filter { german[$0.key] == $0.value }.keys)
        let sameWords: Set<String> = [
            "advice-weibull", "column-p", "unit-hours", "unit-seconds", "drift-column-distance", "drift-column-holm",
        ]
        for key in same.subtracting(sameWords) {
            let rest = (english[key] ?? "").replacing(/\{[A-Za-z0-9]+\}/, with: "")
            #expect(!rest.contains { $0.isLetter }, "\(key)")
        }
    }
}
