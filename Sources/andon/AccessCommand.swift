import AndonServer
import ArgumentParser

struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who may do what: roles, permissions and routes, as docs/access.md has them.")

    @Flag(help: "As the document itself, with its tables.")
    var markdown = false

    func run() { print(markdown ? AccessDocument.markdown : AccessDocument.text, terminator: "") }
}
