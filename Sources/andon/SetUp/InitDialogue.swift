import AndonConfiguration
import AndonServer
import ArgumentParser
import Foundation

/// Asks for what no option said. An empty line keeps what stands in brackets.
struct InitDialogue {
    let connectors: SetUpConnectors

    private typealias Field = SetUpForm.Field

    func completed(_ form: SetUpForm) throws -> SetUpForm {
        var form = form
        try ask("Name of the plant", Field.plantName, &form, isNeeded: true)
        try ask("Site, its code in the maintenance system", Field.site, &form)
        try ask("Time zone", Field.timeZone, &form, proposal: SetUp.timeZone)
        if form.text(Field.assets) == nil, let path = try answer("CSV file with the assets, if there is one") {
            form.fields[Field.assets] = try InitFile.text(path)
        }
        try list("Cameras, one a line, such as CAM-01=PRESS-07", Field.cameras, &form)
        try system(&form)
        try list("Defect classes, one a line, such as scratch=SCRATCH", Field.classes, &form)
        return form
    }

    private func system(_ form: inout SetUpForm) throws {
        if form.text(Field.connector) == nil {
            for choice in connectors.choices { say("  \(choice.type)  \(choice.system)") }
            say("  desk  the built-in desk")
            try ask("Maintenance system", Field.connector, &form, proposal: "desk")
        }
        guard let choice = connectors[form.connectorType] else { return }
        for option in choice.asked where option.kind == .secret || choice.required.contains(option.key) {
            let field = Field.option(option.key, of: choice.type)
            guard form.text(field) == nil else { continue }
            let example = option.example.isEmpty ? "" : ", such as \(option.example)"
            guard option.kind == .secret else {
                try ask("\(option.key)\(example)", field, &form, isNeeded: true)
                continue
            }
            try askSecret(option.key, example, field, choice, &form)
        }
    }

    private func askSecret(
        _ key: String, _ example: String, _ field: String, _ choice: SetUpConnectors.Choice, _ form: inout SetUpForm
    ) throws {
        guard let name = try answer("\(key): the environment variable that holds it\(example); or file:/path") else {
            return
        }
        let isFile = name.hasPrefix("file:")
        form.fields[field] = isFile ? String(name.dropFirst(5)) : name
        form.fields[Field.secretKind(key, of: choice.type)] = isFile ? "file" : "env"
    }

    // MARK: One question

    private func ask(
        _ words: String, _ field: String, _ form: inout SetUpForm, proposal: String? = nil, isNeeded: Bool = false
    ) throws {
        guard form.text(field) == nil else { return }
        repeat {
            let shown = proposal.map { " [\($0)]" } ?? ""
            if let typed = try answer(words + shown) ?? proposal {
                form.fields[field] = typed
                return
            }
            if isNeeded { say("This is needed.") }
        } while isNeeded
    }

    private func list(_ words: String, _ field: String, _ form: inout SetUpForm) throws {
        guard form.text(field) == nil else { return }
        say("\(words); an empty line ends them.")
        var lines: [String] = []
        while lines.count < SetUpLines.linesMax, let line = try answer("") { lines.append(line) }
        if !lines.isEmpty { form.fields[field] = lines.joined(separator: "\n") }
    }

    /// Nil for an empty line.
    private func answer(_ words: String) throws -> String? {
        FileHandle.standardOutput.write(Data((words.isEmpty ? "  > " : "\(words): ").utf8))
        guard let line = readLine(strippingNewline: true) else {
            throw CleanExit.failure("\nthe input ended; what was asked for last is missing")
        }
        let text = line.trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? nil : text
    }

    private func say(_ words: String) { FileHandle.standardOutput.write(Data("\(words)\n".utf8)) }
}
