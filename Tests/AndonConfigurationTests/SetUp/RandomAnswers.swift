import AndonConfiguration
import AndonTesting

/// Answers of people who name things as they like.
struct RandomAnswers {
    var random: SeededRandom

    private static let words = [
        "null", "~", "true", "no", "007", "1e3", "0x1F", "12:30", "- a", "a: b", "a #b", "# a", "{a}", "[a, b]", "'",
        "\"",
        "\\", "&a", "*a", "!tag", "|", ">", "%", "@home", "`", "?", "<<", "=", "key:", "---", "...", "a\tb", "a\u{7}b",
        "a\u{85}b", "a\u{2028}b", "a\u{feff}b", "Prüfstand 4", "压机", "🏭", "C:\\andon\\", "a,b;c",
    ]

    mutating func text() -> String {
        if random.chance(50) { return random.pick(Self.words) }
        let letters = Array("abcXYZ019 äß-_./:,#&*\"'{}[]|>%@!?`\\~=")
        let text = String((0..<random.int(1...12)).map { _ in random.pick(letters) })
        let bare = text.drop { $0 == " " }
        return bare.isEmpty || bare.hasSuffix(" ") ? "x" : String(bare)
    }

    mutating func optionalText() -> String? { random.chance(50) ? text() : nil }

    /// Texts that differ.
    mutating func texts(_ count: Int) -> [String] {
        var seen: Set<String> = []
        return (0..<count).map { _ in text() }.filter { seen.insert($0).inserted }
    }

    mutating func answers() -> SetUpAnswers {
        var answers = SetUpAnswers()
        answers.listen = random.pick(["127.0.0.1:8080", "0.0.0.0:80", "[::1]:9000"])
        answers.publicURL = random.chance(50) ? "http://andon.plant.example:8080" : nil
        answers.dataFolder = text()
        answers.plantName = text()
        answers.site = optionalText()
        answers.timeZone = random.pick(["UTC", "Europe/Berlin", "America/Detroit"])
        answers.defaultLocation = optionalText()
        let assets = texts(random.int(0...6))
        answers.assetsCSV = assets.isEmpty ? nil : csv(assets)
        answers.cameras = texts(random.int(0...6)).map { id in
            .init(id: id, asset: assets.isEmpty ? nil : assets.first)
        }
        answers.classes = texts(random.int(0...6)).map { .init(label: $0, code: optionalText()) }
        answers.minConfidence = random.pick(["0", "0.75", "1"])
        answers.networks = random.chance(30) ? ["203.0.113.0/24", "2001:db8::/32"] : []
        answers.connector = random.chance(60) ? connector() : nil
        return answers
    }

    private mutating func connector() -> SetUpAnswers.Connector {
        var connector = SetUpAnswers.Connector(name: random.pick(["maximo", "sap-1", "null"]), type: text())
        connector.options = ["url", "user", "site"].map { .init($0, .text(text())) }
        connector.options.append(.init("key", random.chance(50) ? .environment(text()) : .file(text())))
        if random.chance(50) {
            connector.further = "\n  pollOverlap: 1h   # a remark\n\n  fields:\n    TITLE: \"{title}\"\r\n\n"
        }
        return connector
    }

    private func csv(_ ids: [String]) -> String {
        let rows = ids.map { "\"" + $0.replacing("\"", with: "\"\"") + "\",press" }
        return (["id,type"] + rows).joined(separator: "\r\n") + "\r\n"
    }
}
