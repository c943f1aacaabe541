import AndonModel
import AndonVision

/// The `calibration:` section of a card, put in or changed without touching another byte of the file.
enum CalibrationBlock {
    /// - Returns: the card's text with this calibration in place of the one it has, or behind its last line.
    static func replacing(in card: [UInt8], by calibration: Calibration) -> [UInt8] {
        var lines = card.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let end: [UInt8] = lines.first?.last == UInt8(ascii: "\r") ? [UInt8(ascii: "\r")] : []
        let block = text(of: calibration).split(separator: "\n").map { Array($0.utf8) + end }
        guard let first = lines.firstIndex(where: { $0.starts(with: "calibration:".utf8) }) else {
            let isEnded = lines.last?.isEmpty == true
            if isEnded { lines.removeLast() }
            lines += block + [[]]
            return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        }
        // The section goes on as long as lines are indented; blank lines behind it stay.
        var last = first
        for index in lines.indices.dropFirst(first + 1) {
            let isBlank = lines[index].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
            if isBlank { continue }
            guard lines[index].first == UInt8(ascii: " ") else { break }
            last = index
        }
        lines.replaceSubrange(first...last, with: block)
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func text(of calibration: Calibration) -> String {
        let members: [(String, String)] =
            switch calibration {
            case .none: [("method", "none")]
            case .temperature(let t): [("method", "temperature"), ("t", JSON.ecmaScriptText(of: t))]
            case .platt(let a, let b):
                [("method", "platt"), ("a", JSON.ecmaScriptText(of: a)), ("b", JSON.ecmaScriptText(of: b))]
            case .isotonic(let knots):
                [("method", "isotonic"), ("points", "[\(knots.map(Self.text).joined(separator: ", "))]")]
            }
        return "calibration:\n" + members.map { "  \($0): \($1)\n" }.joined()
    }

    private static func text(of knot: Calibration.Knot) -> String {
        "[\(JSON.ecmaScriptText(of: knot.score)), \(JSON.ecmaScriptText(of: knot.confidence))]"
    }
}
