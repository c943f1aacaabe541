import AndonConfiguration
import AndonModel
import Testing

@Suite("What a wrong file says")
struct BadFileTests {
    @Test("Each mistake has its line, its place and what would be right", arguments: BadFile.all)
    func exactWords(_ file: BadFile) {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try Configuration.load(yaml: file.yaml, secrets: .none)
        }
        #expect(error?.description == file.faults.joined(separator: "\n"))
    }
}

extension SecretSource {
    static let none = SecretSource(environment: { _ in nil }, file: { _ in nil })
}
