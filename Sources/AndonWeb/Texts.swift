import Foundation

/// The words of the pages in one language: a file a page, and within it a text a key.
public struct Texts: Sendable {
    /// Texts by file and key.
    let pages: [String: [String: String]]

    /// - Parameter folder: has files `PAGE.json`, each an object of texts.
    init(folder: String) throws {
        var pages: [String: [String: String]] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".json") {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
            pages[String(file.dropLast(5))] = try JSONDecoder().decode([String: String].self, from: data)
        }
        self.pages = pages
    }

    /// A text; its key in guillemets where there is none, which a test looks for.
    public subscript(page: String, key: String) -> String { pages[page]?[key] ?? "«\(page).\(key)»" }

    /// A text with values in the places of `{name}`.
    public func text(_ page: String, _ key: String, _ values: [String: String]) -> String {
        values.reduce(self[page, key]) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// A text that counts: `KEY.one` for one, `KEY.other` else, with the count in the place of `{count}`.
    public func count(_ page: String, _ key: String, _ count: Int, _ shown: String? = nil) -> String {
        text(page, "\(key).\(count == 1 ? "one" : "other")", ["count": shown ?? "\(count)"])
    }
}
