import AndonConfiguration
import AndonLearn
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

/// What people made in the CMMS before Andon was there, as a file that `andon learn import` takes.
struct ExportOrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-orders",
        abstract: "Read the CMMS's orders of a time from it, into a CSV file for `andon learn import`.",
        discussion: "It changes nothing there. Andon's own orders are left out.")

    @OptionGroup var choice: OldOrderArguments

    @Option(help: "The file to write.")
    var write: String

    func run() async throws {
        let orders = try await choice.read().orders
        do {
            try Data(HistoryFile.csv(orders).utf8).write(to: URL(fileURLWithPath: write), options: .atomic)
        } catch {
            throw CleanExit.failure("\(write) cannot be written: \(error.localizedDescription)")
        }
        let ours = orders.count { $0.remote.reference != nil }
        print(
            "\(orders.count - ours) orders written to \(write); \(ours) of Andon's own left out. Look at what fits with:"
                + " andon learn import \(write) --dry-run --until \(SystemTime().now())")
    }
}

/// Whose orders of which time.
struct OldOrderArguments: ParsableArguments {
    @OptionGroup var connector: ConnectorArgument

    @Option(help: "Orders made from then on: 2025-01-01, or a time with its zone.")
    var since: String

    @Option(help: "And before then; now, where it is not given.")
    var until: String?

    /// Reads them from the CMMS.
    func read() async throws -> (orders: [OldOrder], name: String, configuration: Configuration) {
        let time = SystemTime()
        let times = try span(now: time.now())
        let configuration = try connector.configuration()
        let name = try connector.known(configuration)
        do throws(ConnectorError) {
            let orders = try await ConnectorTools.oldOrders(name, madeIn: times, in: configuration, time: time)
            return (orders, name, configuration)
        } catch {
            throw CleanExit.failure("\(name): \(error.name): \(error.detail)")
        }
    }

    private func span(now: Timestamp) throws -> Range<Timestamp> {
        func time(_ text: String) -> Timestamp? { Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") }
        guard let first = time(since), let last = until.map({ time($0) }) ?? now else {
            throw CleanExit.failure("--since and --until are days such as 2025-01-01, or times with their zone")
        }
        guard first < last else { throw CleanExit.failure("--since \(first) is not before \(last)") }
        return first..<last
    }
}
