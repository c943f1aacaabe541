import AndonModel

extension Findings {
    /// Reads the section `findings` of a connector.
    init(reading reader: SettingsReader) {
        self.init()
        defer { reader.finish() }
        confirmed = Self.codes("confirmed", reader, takesAny: true)
        falseAlarm = Self.codes("falseAlarm", reader)
        wrongClass = Self.codes("wrongClass", reader)
        missed = Self.codes("missed", reader)
        for (code, node) in reader.named("classes") {
            guard let name = reader.text(of: node) else { continue }
            if classes.keys.contains(where: { $0.lowercased() == code.lowercased() }) {
                reader.faults.add("this problem code is there already in other letters; keep one", at: node)
            }
            classes[code] = name
        }
        let (hour, day) = (Duration.seconds(3600), Duration.seconds(86_400))
        missedEvery = reader.duration("missedEvery", in: .seconds(60)...day * 7) ?? missedEvery
        lookBack = reader.duration("lookBack", in: hour...day * 730) ?? lookBack
        checkMeanings(reader)
        if confirmed.isEmpty, !(falseAlarm.isEmpty && wrongClass.isEmpty) {
            reader.faults.add(
                "says what is wrong, and never what is right, so every share of right detections would be 0; write which "
                    + "codes confirm one: confirmed: { cause: [\"*\"] } takes every other cause", at: reader.node)
        }
    }

    private static func codes(_ name: String, _ reader: SettingsReader, takesAny: Bool = false) -> Codes {
        guard let section = reader.section(name) else { return Codes() }
        defer { section.finish() }
        func texts(_ field: String) -> Set<String> {
            var found: Set<String> = []
            for node in section.list(field) {
                guard let text = section.text(of: node)?.trimmed else { continue }
                if text.isEmpty {
                    section.faults.add("an empty code would never be met; take it out", at: node)
                } else if text == any, !takesAny || field == "state" || field == "notes" {
                    section.faults.add(
                        "\"*\" stands for any other code, and only in problem, cause and remedy of confirmed", at: node)
                } else {
                    found.insert(text)
                }
            }
            return found
        }
        return Codes(
            problem: texts("problem"), cause: texts("cause"), remedy: texts("remedy"), state: texts("state"),
            notes: texts("notes"))
    }

    /// One code has one meaning.
    private func checkMeanings(_ reader: SettingsReader) {
        let meanings = [("confirmed", confirmed), ("falseAlarm", falseAlarm), ("wrongClass", wrongClass)]
        let fields: [(String, KeyPath<Codes, Set<String>>)] = [
            ("problem", \.problem), ("cause", \.cause), ("remedy", \.remedy), ("state", \.state), ("notes", \.notes),
        ]
        for (field, path) in fields {
            for (place, (name, codes)) in meanings.enumerated() {
                for (other, further) in meanings[(place + 1)...] {
                    for code in codes[keyPath: path].intersection(further[keyPath: path]).sorted() {
                        reader.faults.add(
                            "the \(field) \"\(code)\" stands under \(name) and under \(other); it can mean one thing",
                            at: reader.node)
                    }
                }
            }
        }
    }
}
