import ArgumentParser

@main
struct Andon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "andon")
}
