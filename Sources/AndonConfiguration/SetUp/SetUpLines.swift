import AndonModel

/// Lists as people type them or copy them out of a spreadsheet: one entry a line.
public enum SetUpLines {
    public static let linesMax = 5000
    private static let charactersMax = 200

    /// Lines like `CAM-01 = PRESS-07`; the asset may be left out. A comma, a semicolon or a tab stands for the sign as well.
    ///
    /// - Returns: the cameras, and what is wrong with the lines that are none.
    public static func cameras(_ text: String) -> (cameras: [SetUpAnswers.Camera], faults: [String]) {
        let found = pairs(text, headers: ["id", "camera"])
        return (found.pairs.map { SetUpAnswers.Camera(id: $0.name, asset: $0.value) }, found.faults)
    }

    /// Lines like `scratch = SCRATCH`; the problem code may be left out.
    public static func classes(_ text: String) -> (classes: [SetUpAnswers.DefectLabel], faults: [String]) {
        let found = pairs(text, headers: ["class", "label"])
        return (found.pairs.map { SetUpAnswers.DefectLabel(label: $0.name, code: $0.value) }, found.faults)
    }

    private typealias Pair = (name: String, value: String?)

    private static func pairs(_ text: String, headers: Set<String>) -> (pairs: [Pair], faults: [String]) {
        var pairs: [Pair] = []
        var faults: [String] = []
        var seen: Set<String> = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.count <= linesMax else { return ([], ["There are more than \(linesMax) lines."]) }
        for (index, line) in lines.enumerated() {
            let parts = line.split(maxSplits: 1, omittingEmptySubsequences: false) { "=,;\t".contains($0) }
                .map { plain($0) }
            guard let name = parts.first, !name.isEmpty else {
                if !plain(line).isEmpty { faults.append("Line \(index + 1): a name should stand before the sign.") }
                continue
            }
            if pairs.isEmpty, faults.isEmpty, headers.contains(name.lowercased()) { continue }
            let value = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
            if max(name.count, value?.count ?? 0) > charactersMax {
                faults.append("Line \(index + 1): a name is longer than \(charactersMax) characters.")
            } else if !seen.insert(name).inserted {
                faults.append("Line \(index + 1): \(name) stands there a second time; keep one.")
            } else {
                pairs.append((name: name, value: value))
            }
        }
        return (pairs, faults)
    }

    /// Without space and quotes around it, as spreadsheets write them.
    private static func plain(_ text: Substring) -> String {
        let bare = String(text).trimmed
        guard bare.count >= 2, bare.hasPrefix("\""), bare.hasSuffix("\"") else { return bare }
        return String(bare.dropFirst().dropLast()).replacing("\"\"", with: "\"").trimmed
    }
}
