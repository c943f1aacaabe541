import AndonConfiguration
import AndonModel
import AndonServer
import ArgumentParser

/// What people's codes in the CMMS mean for the model, before and after they are written into the configuration.
struct FindingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "findings",
        abstract: "Which codes orders of the CMMS ended with, and what they say of detections.",
        discussion: """
            It changes nothing, there or here. What a code means is said in the connector's section findings; \
            docs/learn.md shows it.
            """)

    @OptionGroup var choice: OldOrderArguments

    func run() async throws {
        let (orders, name, configuration) = try await choice.read()
        let found = ConnectorTools.findings(orders, of: name, in: configuration)
        for codes in found {
            let whose = codes.isOurs ? "Andon's" : "people's"
            print("\(codes.count) of \(whose): \(codes.words): \(codes.meaning ?? "says nothing")")
        }
        print("\(found.reduce(0) { $0 + $1.count }) orders that are over, of \(orders.count) made in that time")
    }
}
