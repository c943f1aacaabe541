import AndonModel
import ArgumentParser
import Foundation

struct ChartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chart", abstract: "The control charts of a running server.",
        subcommands: [List.self, Show.self, Limits.self, Figure.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every stream, the most troubled first.")

        @Argument(help: "Of this chart only.")
        var chart: String?

        @OptionGroup var server: ServerOption

        func run() async throws {
            let query = chart.map { "?chart=\(escaped($0))" } ?? ""
            let answer = try await fetch("/api/v1/charts\(query)", server)
            let streams = answer["streams"]?.array ?? []
            if streams.isEmpty { print("no chart has a point yet") }
            for stream in streams { print(Self.line(stream)) }
            if answer["after"] != nil { print("… and more: ask for one chart by its name") }
        }

        private static func line(_ stream: JSON) -> String {
            let position = stream["position"]
            let name = [stream["chart"]?.string, stream["stream"]?.string].compactMap { $0 }.joined(separator: "  ")
            let parts: [String?] = [
                "\(stream["points"]?.integer ?? 0) points",
                position?["phase"]?.integer == 1
                    ? "baseline \(position?["gathered"]?.integer ?? 0) of \(position?["baseline"]?.integer ?? 0)"
                    : position?["standing"]?.string,
                position?["sigmas"]?.number.map { "\($0 < 0 ? "" : "+")\(ChartText.figure($0)) sigma" },
                position?["rules"]?.array.map { "breaks " + $0.compactMap(\.string).joined(separator: ", ") },
                position?["since"]?.string.map { "since \($0)" },
                stream["planned"]?["reference"]?.string.map { reference in
                    "repair \(reference) planned \(stream["planned"]?["scheduledAt"]?.string ?? "without a date")"
                },
                stream["proposal"] == nil ? nil : "new limits proposed",
                stream["inForce"]?.bool == false ? "not in the rules in force" : nil,
            ]
            return "\(name)  " + parts.compactMap { $0 }.joined(separator: ", ")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One stream: its points, limits, repairs, capability and prediction.")

        @Argument(help: "The chart.")
        var chart: String

        @Option(help: "The stream, such as asset=PRESS-07, as list shows it.")
        var stream = ""

        @Option(help: "The newest points.")
        var points = 20

        @Flag(help: "Print JSON.")
        var json = false

        @OptionGroup var server: ServerOption

        func run() async throws {
            let path = "/api/v1/charts/\(escaped(chart))?stream=\(escaped(stream))&points=\(points)"
            let answer = try await fetch(path, server)
            print(json ? answer.canonicalText : ChartText.stream(answer))
        }
    }

    struct Limits: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make limits of these points and put them in force, with who and why in the ledger.",
            discussion: "With --trial nothing changes: the limits are only shown.")

        @Argument(help: "The chart.")
        var chart: String

        @Option(help: "The stream, such as asset=PRESS-07, as list shows it.")
        var stream = ""

        @Option(help: "Number of the first point.")
        var from: Int

        @Option(help: "Number of the last point.")
        var to: Int

        @Option(help: "A point that is left out and why, such as 15=chip in the fixture. May be given again.")
        var exclude: [String] = []

        @Flag(help: "Leave out what lies beyond the limits as well, round for round.")
        var excludeBeyond = false

        @Option(help: "Who.")
        var by: String?

        @Option(help: "Why.")
        var reason: String?

        @Flag(help: "Only show what the limits would be.")
        var trial = false

        @OptionGroup var server: ServerOption

        func run() async throws {
            let excluded = try exclude.map { text -> JSON in
                guard let mark = text.firstIndex(of: "="), let point = Int(text[..<mark]) else {
                    throw CleanExit.failure("--exclude \(text) is not like 15=why")
                }
                return ["point": .integer(point), "reason": .string(String(text[text.index(after: mark)...]))]
            }
            let body: JSON = .object(present: [
                "stream": .string(stream), "from": .integer(from), "to": .integer(to), "exclude": .array(excluded),
                "excludeBeyond": .bool(excludeBeyond), "by": by.map { .string($0) },
                "reason": reason.map { .string($0) },
            ])
            let path = "/api/v1/charts/\(escaped(chart))/limits?trial=\(trial)"
            let answer = try await APIClient(server).post(path, body: Data(body.canonicalBytes))
            guard answer.status == 200 else { throw CleanExit.failure(ChartText.problem(answer)) }
            print(ChartText.limits(answer.json))
        }
    }

    struct Figure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Draw a stream into an SVG or PNG file.")

        @Argument(help: "The chart.")
        var chart: String

        @Option(help: "The stream, such as asset=PRESS-07, as list shows it.")
        var stream = ""

        @Option(help: "The file; .png or .svg says which.")
        var write: String

        @OptionGroup var server: ServerOption

        func run() async throws {
            let format = write.hasSuffix(".png") ? "png" : "svg"
            let path = "/api/v1/charts/\(escaped(chart))/figure?stream=\(escaped(stream))&format=\(format)"
            let (status, bytes) = try await APIClient(server).bytes(path)
            guard status == 200 else { throw CleanExit.failure(String(decoding: bytes, as: UTF8.self)) }
            do {
                try bytes.write(to: URL(fileURLWithPath: write))
            } catch {
                throw CleanExit.failure("\(write) cannot be written: \(error.localizedDescription)")
            }
        }
    }

    private static func fetch(_ path: String, _ server: ServerOption) async throws -> JSON {
        let answer = try await APIClient(server).get(path)
        guard answer.status == 200 else { throw CleanExit.failure(ChartText.problem(answer)) }
        return answer.json
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// Charts in a terminal.
enum ChartText {
    static func figure(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return "0" }
        return String(format: "%.4g", value)
    }

    static func problem(_ answer: APIClient.Answer) -> String {
        answer.json["detail"]?.string ?? answer.text
    }

    static func stream(_ stream: JSON) -> String {
        var lines = ["\(stream["chart"]?.string ?? "")  \(stream["stream"]?.string ?? "")"]
        for point in stream["points"]?.array ?? [] { lines.append(self.point(point)) }
        for limits in stream["limits"]?.array ?? [] {
            let location = limits["limits"]?["location"]
            lines.append(
                "limits version \(limits["version"]?.integer ?? 0): centre \(figure(location?["centre"]?.number ?? 0)),"
                    + " \(limits["madeAt"]?.string ?? "") by \(limits["by"]?.string ?? ""): \(limits["reason"]?.string ?? "")"
            )
        }
        for repair in stream["repairs"]?.array ?? [] {
            lines.append(
                "repair \(repair["order"]?.string ?? "") behind point \(repair["behindPoint"]?.integer ?? 0): level"
                    + " \(repair["before"]?.number.map(figure) ?? "?") before,"
                    + " \(repair["after"]?.number.map(figure) ?? "not known yet") after")
        }
        if let study = stream["capability"] { lines.append(capability(study)) }
        if let prediction = stream["prediction"] {
            lines.append("trend: \(prediction["standing"]?.string ?? "")")
            if let expected = prediction["expected"]?.string {
                lines.append(
                    "the threshold is reached about \(expected), not before \(prediction["first"]?.string ?? "")")
            }
        }
        if let proposal = stream["proposal"] { lines.append("proposed: \(proposal["reason"]?.string ?? "")") }
        if let advice = stream["advice"] {
            lines.append("a \(advice["kind"]?.string ?? "") chart would suit better: \(advice["reason"]?.string ?? "")")
        }
        return lines.joined(separator: "\n")
    }

    private static func point(_ point: JSON) -> String {
        let parts: [String?] = [
            "\(point["number"]?.integer ?? 0)", point["at"]?.string, "value \(figure(point["value"]?.number ?? 0))",
            point["size"]?.number.flatMap { $0 == 1 ? nil : "of \(figure($0))" },
            point["sigmas"]?.number.map { "\($0 < 0 ? "" : "+")\(figure($0)) sigma" }, point["standing"]?.string,
            point["rules"]?.array.map { $0.compactMap(\.string).joined(separator: ", ") },
            point["late"]?.bool == true ? "late" : nil,
        ]
        return "  " + parts.compactMap { $0 }.joined(separator: "  ")
    }

    private static func capability(_ study: JSON) -> String {
        let indices = ["cp", "cpk", "pp", "ppk"].compactMap { name -> String? in
            guard let index = study[name], let value = index["value"]?.number else { return nil }
            let interval = index["lower"]?.number.flatMap { lower in
                index["upper"]?.number.map { " (\(figure(lower)) to \(figure($0)))" }
            }
            return "\(name.prefix(1).uppercased())\(name.dropFirst()) \(figure(value))\(interval ?? "")"
        }
        let warning = study["warning"]?.string.map { " \($0)" } ?? ""
        return "capability of \(study["values"]?.integer ?? 0) values: \(indices.joined(separator: ", ")).\(warning)"
    }

    static func limits(_ answer: JSON) -> String {
        let location = answer["location"]
        var lines = [
            (answer["version"]?.integer.map { "in force as version \($0)" } ?? "on trial")
                + ": centre \(figure(location?["centre"]?.number ?? 0)), made of \(location?["baseline"]?.integer ?? 0) points"
        ]
        for excluded in answer["excluded"]?.array ?? [] {
            lines.append("left out: \(excluded["point"]?.integer ?? 0), \(excluded["reason"]?.string ?? "")")
        }
        let beyond = (answer["beyond"]?.array ?? []).compactMap(\.integer).map(String.init)
        if !beyond.isEmpty { lines.append("beyond them, and counted: \(beyond.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }
}
