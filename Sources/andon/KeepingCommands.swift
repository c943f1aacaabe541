import AndonModel
import ArgumentParser
import Foundation

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Legal holds: what they cover is never removed.",
        subcommands: [Add.self, List.self, Release.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold the pictures of an order, an asset, a lot, or a camera in a period.")

        @Option(help: "The order's reference.")
        var order: String?

        @Option(help: "The asset.")
        var asset: String?

        @Option(help: "The lot.")
        var lot: String?

        @Option(help: "The camera; with --from and perhaps --to.")
        var camera: String?

        @Option(help: "A camera's pictures from here on, such as 2026-11-01 or 2026-11-01T06:00:00Z (UTC).")
        var from: String?

        @Option(help: "Until here; without it, until the hold is released.")
        var to: String?

        @Option(help: "Who.")
        var by: String

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var server: ServerOption

        func run() async throws {
            let members = [
                "order": order, "asset": asset, "lot": lot, "camera": camera, "from": from, "to": to, "by": by,
                "reason": reason,
            ]
            let hold = try await KeepingText.post(
                "/api/v1/holds", .object(present: members.mapValues { $0.map { .string($0) } }), server)
            print(KeepingText.hold(hold) + "\nit covers \(KeepingText.count(hold["pictures"])) that are kept now")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The holds in force, the newest first.")

        @Flag(help: "Those that were released as well.")
        var released = false

        @OptionGroup var server: ServerOption

        func run() async throws {
            let answer = try await KeepingText.get("/api/v1/holds?released=\(released)", server)
            let holds = answer["holds"]?.array ?? []
            if holds.isEmpty { print("no hold is in force") }
            for hold in holds { print(KeepingText.hold(hold)) }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a hold, with who and why.")

        @Argument(help: "The number of the hold, as list shows it.")
        var id: Int

        @Option(help: "Who.")
        var by: String

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var server: ServerOption

        func run() async throws {
            let body: JSON = ["by": .string(by), "reason": .string(reason)]
            print(KeepingText.hold(try await KeepingText.post("/api/v1/holds/\(id)/release", body, server)))
        }
    }
}

struct PicturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pictures", abstract: "What pictures are kept, and what would go when.",
        discussion: """
            With --sweep what is due is removed now; with --dry-run as well, it is only counted. With --orphans the same is \
            done to objects in object storage that no kept picture has: what reports left that were refused, or whose server \
            ended.
            """,
        subcommands: [VerifyPictures.self])

    @Flag(help: "Remove what is due.")
    var sweep = false

    @Flag(help: "Only say what --sweep would remove.")
    var dryRun = false

    @Flag(help: "Of objects in object storage that no kept picture has.")
    var orphans = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var server: ServerOption

    func run() async throws {
        guard sweep || dryRun else {
            let answer = try await KeepingText.get("/api/v1/pictures", server)
            return print(json ? answer.canonicalText : KeepingText.report(answer))
        }
        let answer = try await KeepingText.post(
            "/api/v1/pictures/sweep?dryRun=\(dryRun)&orphans=\(orphans)", [:], server)
        guard !json else { return print(answer.canonicalText) }
        print("\(dryRun ? "would remove" : "removed") \(KeepingText.count(answer["orphans"] ?? answer["pictures"]))")
        if let derived = answer["derived"] { print("and \(derived["count"]?.integer ?? 0) drawn files") }
    }
}

/// Holds and pictures in a terminal.
enum KeepingText {
    static func get(_ path: String, _ server: ServerOption) async throws -> JSON {
        try answered(await APIClient(server).get(path))
    }

    static func post(_ path: String, _ body: JSON, _ server: ServerOption) async throws -> JSON {
        try answered(await APIClient(server).post(path, body: Data(body.canonicalBytes)))
    }

    private static func answered(_ answer: APIClient.Answer) throws -> JSON {
        guard (200..<300).contains(answer.status) else { throw CleanExit.failure(ChartText.problem(answer)) }
        return answer.json
    }

    static func hold(_ hold: JSON) -> String {
        let scope = ["order", "asset", "lot", "camera"].compactMap { kind in
            hold[kind]?.string.map { "\(kind) \($0)" }
        }
        let period = hold["from"]?.string.map { "from \($0) \(hold["to"]?.string.map { "to \($0)" } ?? "on")" }
        let released = hold["released"].map {
            "released \($0["at"]?.string ?? "") by \($0["by"]?.string ?? ""): \($0["reason"]?.string ?? "")"
        }
        let placed =
            "since \(hold["placedAt"]?.string ?? "") by \(hold["by"]?.string ?? ""): \(hold["reason"]?.string ?? "")"
        return (["hold \(hold["id"]?.integer ?? 0)"] + scope + [period, placed, released].compactMap { $0 })
            .joined(separator: "  ")
    }

    static func count(_ value: JSON?) -> String {
        let count = value?["count"]?.integer ?? 0
        return "\(count) picture\(count == 1 ? "" : "s") (\(size(value?["bytes"]?.number ?? 0)))"
    }

    private static func size(_ bytes: Double) -> String {
        for (unit, size) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where bytes >= size {
            return String(format: "%.1f \(unit)", bytes / size)
        }
        return "\(Int(bytes)) bytes"
    }

    static func report(_ report: JSON) -> String {
        let names = ["order": "of orders", "recorded": "recorded only", "good": "without a defect"]
        var lines = ["kept: \(count(report["kept"])); not kept any more: \(report["removed"]?.integer ?? 0)"]
        for kind in ["order", "recorded", "good"] {
            guard let group = report["classes"]?[kind] else { continue }
            let parts = [
                "  \(names[kind] ?? kind): \(count(group["kept"]))", part(group["bound"], "without a date"),
                part(group["held"], "held"), part(group["due"], "due now"),
                part(group["dueWithinDays"]?["7"], "due within 7 days"),
                part(group["dueWithinDays"]?["30"], "within 30 days"),
                group["nextDueAt"]?.string.map { "the next at \($0)" },
            ]
            lines.append(parts.compactMap { $0 }.joined(separator: ", "))
        }
        lines.append(report["space"]?["words"]?.string ?? "")
        return lines.joined(separator: "\n")
    }

    private static func part(_ value: JSON?, _ words: String) -> String? {
        (value?["count"]?.integer ?? 0) == 0 ? nil : "\(count(value)) \(words)"
    }
}
