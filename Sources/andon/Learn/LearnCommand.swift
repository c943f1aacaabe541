import AndonLedger
import AndonModel
import ArgumentParser
import Foundation

struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "What the orders of months and years say: what comes back, which repairs hold, how long it takes.",
        subcommands: [
            Ask.self, Propose.self, ImportCommand.self, HistoriesCommand.self, LabelsCommand.self, CheckCourses.self,
        ], defaultSubcommand: Ask.self)

    struct Ask: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask a running server. Without a question: which there are.")

        @Argument(help: "The question, such as recurrence.")
        var question: String?

        @Option(name: .customLong("class"), help: "Only this class of defects.")
        var defectClass: String?

        @Option(help: "Only this asset.")
        var asset: String?

        @Option(help: "From this day or time on: 2026-01-01.")
        var from: String?

        @Option(help: "Until before this day or time.")
        var until: String?

        @Option(
            help:
                "What it is told apart by, with commas: class, asset, action, cause, technician, crew, priority, month …"
        )
        var by: String?

        @Option(help: "The corrective action.")
        var action: String?

        @Option(help: "Days within which a return counts.")
        var days: Int?

        @Option(help: "Which orders: own, imported or both.")
        var histories: String?

        @Option(help: "For change: the earlier period begins on this day; without one, it is the imported orders.")
        var beforeFrom: String?

        @Option(help: "For change: the earlier period ends before this day.")
        var beforeUntil: String?

        @Option(help: "For change: the reduction that is claimed, in percent.")
        var claim: Double?

        @Option(help: "Rows of a table at most.")
        var rows: Int?

        @Flag(help: "The answer as the server gives it, in JSON.")
        var json = false

        @OptionGroup var server: ServerOption

        func run() async throws {
            let client = APIClient(server)
            guard let question else {
                let answer = try await client.get("/api/v1/learn")
                guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
                for question in answer.json["questions"]?.array ?? [] {
                    print("\(question["name"]?.string ?? ""): \(question["title"]?.string ?? "")")
                }
                return
            }
            let particulars: [(String, String?)] = [
                ("class", defectClass), ("asset", asset), ("from", from), ("until", until), ("by", by),
                ("action", action), ("days", days.map { "\($0)" }), ("histories", histories),
                ("beforeFrom", beforeFrom), ("beforeUntil", beforeUntil), ("claim", claim.map { "\($0)" }),
                ("rows", rows.map { "\($0)" }),
            ]
            var parts = URLComponents()
            parts.path = "/api/v1/learn/\(question)"
            let items = particulars.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
            if !items.isEmpty { parts.queryItems = items }
            // A plus stands for a space where a query is read, and is left as it is where one is written.
            let path = (parts.string ?? parts.path).replacing("+", with: "%2B")
            let answer = try await client.get(path)
            guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
            print(json ? answer.text : ReportText(answer.json).text)
        }
    }

    struct CheckCourses: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Make the tables that answers are read from anew, beside those there are, and compare.")

        @OptionGroup var data: DataOption

        func run() async throws {
            let store = try openForReading(data.data)
            let differences = try await store.read { try $0.courseDifferences() }
            guard differences == 0 else {
                throw CleanExit.failure("\(differences) rows are not what the orders and detections say")
            }
            print("ok  every course and count is what the orders and detections say")
        }
    }
}

/// A report as text in columns.
struct ReportText {
    private let report: JSON

    init(_ report: JSON) { self.report = report }

    var text: String {
        var lines = [report["title"]?.string ?? "", ""]
        for section in report["sections"]?.array ?? [] {
            lines.append("## \(section["heading"]?.string ?? "")")
            lines += (section["sentences"]?.array ?? []).compactMap(\.string)
            if let table = section["table"] { lines += Self.table(table) }
            lines.append("")
        }
        lines.append(report["definition"]?.string ?? "")
        if let sites = report["sites"]?.array?.compactMap(\.string) {
            lines.append("Counted is what came from the assets of \(sites.joined(separator: ", ")) alone.")
        }
        let basis = report["basis"]
        lines.append(
            "Computed from the ledger's first \(basis?["ledgerSize"]?.integer ?? 0) entries, root "
                + "\(basis?["ledgerRoot"]?.string ?? ""), watched until \(basis?["at"]?.string ?? "").")
        return lines.joined(separator: "\n")
    }

    private static func table(_ table: JSON) -> [String] {
        let heads = (table["columns"]?.array ?? []).map { $0.string ?? "" }
        let rows = (table["rows"]?.array ?? []).map { ($0.array ?? []).map(cell) }
        let all = [heads] + rows
        let widths = heads.indices.map { column in all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
    }

    private static func cell(_ value: JSON) -> String {
        if let text = value.string { return text }
        if let whole = value.integer { return "\(whole)" }
        guard let number = value.number else { return "-" }
        return String(format: "%.4g", number)
    }
}
