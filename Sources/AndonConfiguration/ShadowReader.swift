import AndonDecide
import AndonModel

/// Reads the section `shadow` and the rules in the file that it names.
final class ShadowReader {
    private let plant: Plant
    private let content: (String) -> Result<String, TextFile.Refusal>
    /// The faults of the candidate's file.
    private(set) var otherFiles: [ConfigurationError.Fault] = []

    init(plant: Plant, content: @escaping (String) -> Result<String, TextFile.Refusal>) {
        self.plant = plant
        self.content = content
    }

    func read(_ reader: SettingsReader) -> ShadowSettings? {
        let since = since(reader)
        let file = reader.requiredText("rulesFile")
        reader.finish()
        guard let node = reader.raw("rulesFile"), !file.isEmpty else { return nil }
        switch content(file) {
        case .failure(let refusal):
            reader.faults.add("\(file) \(refusal.reason)", at: node)
        case .success(let text):
            do {
                return ShadowSettings(rules: try Rules.candidate(yaml: text, file: file, plant: plant), since: since)
            } catch {
                otherFiles = error.faults
            }
        }
        return nil
    }

    private func since(_ reader: SettingsReader) -> Timestamp? {
        guard let node = reader.raw("since"), let text = reader.text(of: node) else { return nil }
        if let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") { return time }
        reader.faults.add("should be a time like 2026-11-01T00:00:00Z, found \(node.kindName)", at: node)
        return nil
    }
}
