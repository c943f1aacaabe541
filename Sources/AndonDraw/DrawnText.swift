/// Text made fit for drawing.
enum DrawnText {
    /// Scalars of one text; the rest would never fit a picture.
    static let scalarsMax = 600

    /// The text on one line, without what Cairo refuses or what would change the order of letters.
    ///
    /// Cairo gives up the whole picture for one non-character, a zero byte would end the text early, and controls of
    /// direction can make a text read as another.
    static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(scalarsMax) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            case .format: continue
            case .unassigned, .privateUse, .surrogate: scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        if text.unicodeScalars.count > scalarsMax { scalars.append("…") }
        return String(scalars)
    }

    static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
