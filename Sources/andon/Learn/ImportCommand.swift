import AndonConfiguration
import AndonModel
import ArgumentParser
import Foundation

/// Old orders go to the running server: it alone writes to its data folder.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in a CMMS's orders from the time before, from a CSV file, to be compared with.")

    @Argument(help: "The file.")
    var file: String

    @Option(
        help: "How its columns are to be read: a YAML file (docs/learn.md). Usual headings are found by themselves.")
    var mapping: String?

    @Option(
        help: "When the file was made, with its zone: orders that are open in it were open then. Else its last time.")
    var until: String?

    @Flag(help: "Read it and say what fits; take nothing in.")
    var dryRun = false

    @Flag(help: "Take in what fits, however much does not.")
    var force = false

    @Option(help: "Who brings it in.")
    var by: String?

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var server: ServerOption

    func validate() throws {
        guard dryRun || by != nil && reason != nil else {
            throw ValidationError("say who (--by) and why (--reason), or look first with --dry-run")
        }
    }

    func run() async throws {
        let body: JSON = .object(present: [
            "name": .string(URL(fileURLWithPath: file).lastPathComponent),
            "file": .string(try read(file).base64EncodedString()), "mapping": try mappingJSON(),
            "dryRun": .bool(dryRun), "force": .bool(force), "by": by.map { .string($0) },
            "reason": reason.map { .string($0) },
        ])
        let answer = try await APIClient(server).post("/api/v1/learn/histories", body: Data(body.canonicalBytes))
        guard answer.status < 300 else { throw CleanExit.failure(answer.problem) }
        print(dryRun ? Self.words(ofPlan: answer.json) : Self.words(ofHistory: answer.json))
    }

    private func read(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanExit.failure("\(path) cannot be read")
        }
        return data
    }

    /// The mapping, and until when its orders were watched.
    private func mappingJSON() throws -> JSON? {
        let told = try mappingFile()
        guard let until, told == nil || told?.object != nil else { return told }
        var members = told?.object ?? [:]
        members["exportedAt"] = .string(until)
        return .object(members)
    }

    private func mappingFile() throws -> JSON? {
        guard let mapping else { return nil }
        guard let text = String(data: try read(mapping), encoding: .utf8) else {
            throw CleanExit.failure("\(mapping) is not UTF-8")
        }
        do {
            return try YAMLDocument.json(text)
        } catch {
            throw CleanExit.failure("\(mapping): \(error)")
        }
    }

    private static func words(ofPlan plan: JSON) -> String {
        var lines = [
            "\(plan["orders"]?.integer ?? 0) orders fit, \(plan["unfit"]?.integer ?? 0) do not"
                + (plan["fits"]?.bool == true ? "." : ": too many to be taken in without --force.")
        ]
        if let from = plan["from"]?.string, let until = plan["until"]?.string {
            lines.append("From \(from) to \(until).")
        }
        for (column, heading) in (plan["columns"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("  \(column): \(heading.string ?? "")")
        }
        lines += (plan["notes"]?.array ?? []).compactMap(\.string)
        for (reason, count) in (plan["reasons"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("\(count.integer ?? 0) orders: \(reason)")
        }
        for fault in plan["faults"]?.array ?? [] {
            lines.append(
                "line \(fault["line"]?.integer ?? 0), \(fault["column"]?.string ?? ""), \"\(fault["value"]?.string ?? "")\": "
                    + (fault["reason"]?.string ?? ""))
        }
        return lines.joined(separator: "\n")
    }

    private static func words(ofHistory history: JSON) -> String {
        "History \(history["id"]?.integer ?? 0): \(history["document"]?["orders"]?.integer ?? 0) orders taken in, SHA-256 "
            + (history["digest"]?.string ?? "")
    }
}
