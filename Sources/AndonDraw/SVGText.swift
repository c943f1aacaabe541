/// Cairo's SVG made the same each time, and readable by those who cannot see it.
enum SVGText {
    /// - Parameter bytes: what Cairo wrote.
    /// - Returns: the same drawing with a fixed name for its surface, and with a title and a description.
    static func finished(_ bytes: [UInt8], title: String, description: String) -> [UInt8] {
        let steady = named(bytes)
        guard let start = position(of: Array("<svg".utf8), in: steady),
            let end = steady[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return steady }
        var made = Array(steady[..<end])
        made.append(contentsOf: " role=\"img\">".utf8)
        if !title.isEmpty { made.append(contentsOf: "\n<title>\(escaped(title))</title>".utf8) }
        if !description.isEmpty { made.append(contentsOf: "\n<desc>\(escaped(description))</desc>".utf8) }
        made.append(contentsOf: steady[(end + 1)...])
        return made
    }

    /// Cairo names surfaces and images by a count over the whole process, so a second picture would differ from the first:
    /// here they are counted from the picture's own beginning, the first without a number.
    private static func named(_ bytes: [UInt8]) -> [UInt8] {
        var numbers: [[UInt8]: [UInt8]] = [:]
        var made: [UInt8] = []
        made.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            made.append(bytes[index])
            index += 1
            // Names stand after a quotation mark or a hash, which the letters of an embedded picture never have.
            guard bytes[index - 1] == UInt8(ascii: "\"") || bytes[index - 1] == UInt8(ascii: "#"),
                let word = counted.first(where: { bytes[index...].starts(with: $0) })
            else { continue }
            let end = bytes[(index + word.count)...].firstIndex { !digits.contains($0) } ?? bytes.count
            guard end > index + word.count else { continue }
            let name = Array(bytes[index..<end])
            let number = numbers[name] ?? (numbers.isEmpty ? [] : Array("\(numbers.count + 1)".utf8))
            numbers[name] = number
            made.append(contentsOf: word + number)
            index = end
        }
        return made
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let counted = ["surface", "image", "source"].map { Array($0.utf8) }

    private static func position(of word: [UInt8], in bytes: [UInt8]) -> Int? {
        bytes.indices.first { bytes[$0] == word[0] && bytes[$0...].starts(with: word) }
    }

    /// Each line cleaned as drawn text is: what XML forbids is gone then.
    static func escaped(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { DrawnText.clean(String($0)) }
        var made = ""
        for letter in lines.joined(separator: "\n").unicodeScalars {
            switch letter {
            case "&": made += "&amp;"
            case "<": made += "&lt;"
            case ">": made += "&gt;"
            default: made.unicodeScalars.append(letter)
            }
        }
        return made
    }
}
