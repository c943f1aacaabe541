import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

/// The part of the past that a command looks at.
struct PeriodOption: ParsableArguments {
    @Option(help: "The first moment, such as 2026-11-01T00:00:00Z or 2026-11-01 (UTC). Default: the first report.")
    var from: String?

    @Option(help: "The first moment behind it. Default: now.")
    var to: String?

    func period() throws -> (from: Timestamp?, to: Timestamp?) {
        let period = (try Self.moment(from, "--from"), try Self.moment(to, "--to"))
        if let from = period.0, let to = period.1, from >= to {
            throw CleanExit.failure("--from \(from) is not before --to \(to)")
        }
        return period
    }

    private static func moment(_ text: String?, _ name: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") else {
            throw CleanExit.failure("\(name) \(text) is not a time like 2026-11-01T00:00:00Z or a day like 2026-11-01")
        }
        return time
    }
}

struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "What other rules would have done with what really came, beside what happened.",
        discussion: "Reads the store beside a running server and changes nothing.")

    @Option(help: "The candidate: a whole configuration, or a file with only `rules:`.")
    var rules: String

    @OptionGroup var period: PeriodOption

    @OptionGroup var data: DataOption

    @Option(name: .shortAndLong, help: "The configuration whose plant is taken, where the candidate has none.")
    var config = "andon.yaml"

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let (from, to) = try period.period()
        let candidate = try candidate()
        let store = try openForReading(data.data)
        do {
            let report = try Backtest.run(
                rules: candidate.rules, plant: candidate.plant, from: from, to: to, in: store)
            print(json ? report.json.canonicalText : report.text)
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }

    private func candidate() throws -> (rules: Rules, plant: Plant) {
        do {
            if Configuration.hasPlant(yaml: try Configuration.text(rules)) {
                let whole = try Wiring.load(rules)
                return (whole.rules, whole.plant)
            }
            let plant = try Wiring.load(config).plant
            return (try Rules.candidate(path: rules, plant: plant), plant)
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }
}

struct TuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "The thresholds that reach a share of useful orders, from what the repairs found.",
        discussion: "Reads the store beside a running server and changes nothing.")

    @Option(help: "The share of useful orders that is wanted, above 0 and below 1.")
    var share = 0.8

    @Option(help: "How sure the proposal should be, at least 0.5 and below 1.")
    var confidence = 0.95

    @OptionGroup var period: PeriodOption

    @OptionGroup var data: DataOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let (from, to) = try period.period()
        guard Backtest.shares.contains(share), Backtest.confidences.contains(confidence) else {
            throw CleanExit.failure("--share is above 0 and below 1, and --confidence at least 0.5 and below 1")
        }
        let store = try openForReading(data.data)
        do {
            let tuning = try Backtest.tune(share: share, confidence: confidence, from: from, to: to, in: store)
            print(json ? tuning.json.canonicalText : tuning.text)
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }
}
