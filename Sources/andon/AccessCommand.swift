import AndonServer
import ArgumentParser

struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who may do what: roles, permissions and routes, as docs/access.md has them.")

    func run() { print(AccessDocument.markdown, terminator: "") }
}
