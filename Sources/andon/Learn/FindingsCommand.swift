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

    @OptionGroup var connector: ConnectorArgument

    @Option(help: "Orders made from then on: 2025-01-01, or a time with its zone.")
    var since: String

    @Option(help: "And before then; now, where it is not given.")
    var until: String?

    func run() async throws {
        let time = SystemTime()
        let times = try ExportOrdersCommand.times(since, until, now: time.now())
        let configuration = try connector.configuration()
        let name = try connector.known(configuration)
        let orders: [OldOrder]
        do throws(ConnectorError) {
            orders = try await ConnectorTools.oldOrders(name, madeIn: times, in: configuration, time: time)
        } catch {
            throw CleanExit.failure("\(name): \(error.name): \(error.detail)")
        }
        let found = ConnectorTools.findings(orders, of: name, in: configuration)
        for codes in found {
            let whose = codes.isOurs ? "Andon's" : "people's"
            print("\(codes.count) of \(whose): \(codes.words): \(codes.meaning ?? "says nothing")")
        }
        print("\(found.reduce(0) { $0 + $1.count }) orders that are over, of \(orders.count) made in that time")
    }
}
