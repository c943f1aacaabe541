import AndonConfiguration
import AndonModel
import AndonServer
import AndonSources
import ArgumentParser
import Foundation

struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "The vision systems and cameras that the server listens to.",
        subcommands: [List.self, Check.self, Refusals.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How each source of a running server stands.")

        @OptionGroup var server: ServerOption

        func run() async throws {
            let answer = try await APIClient(server).get("/api/v1/sources")
            guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
            for source in answer.json["sources"]?.array ?? [] { print(Self.line(source)) }
        }

        private static func line(_ source: JSON) -> String {
            let parts: [String?] = [
                source["name"]?.string, source["state"]?.string,
                source["lastEventAt"]?.string.map { "last event \($0)" },
                source["received"]?.integer.map { "\($0) received" },
                source["refusalsKept"]?.integer.flatMap { $0 == 0 ? nil : "\($0) refused" },
                source["gaps"]?.integer.flatMap { $0 == 0 ? nil : "\($0) gaps" },
                source["lastError"]?.string.map { "last error: \($0)" },
            ]
            return parts.compactMap { $0 }.joined(separator: ", ")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a vision system or a camera; show what would be reported of its next result or frame.",
            discussion: "Nothing is taken in, and nothing is changed there.")

        @Argument(help: "The source's name in the configuration.")
        var name: String

        @Option(name: .shortAndLong, help: "The configuration file.")
        var config = "andon.yaml"

        @Option(help: "Seconds to wait for the next event, where the system keeps none.")
        var wait = 30

        @Option(help: "A file with what the system sends, for a source of type events.")
        var event: String?

        func run() async throws {
            let configuration = try loadConfiguration(config)
            let bytes = try event.map { path in
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw CleanExit.failure("\(path) cannot be read")
                }
                return [UInt8](data)
            }
            let found: Bool?
            do {
                found = try await SourceTools.check(
                    name, in: configuration, event: bytes, wait: .seconds(wait), time: SystemTime(),
                    random: SystemRandom(),
                    say: { line in
                        let mark = ["done": "ok  ", "problem": "NOT "][line.kind.rawValue]
                        print((mark ?? "") + line.text)
                    })
            } catch {
                throw CleanExit.failure("\(error)")
            }
            guard let found else {
                let names = configuration.sources.map(\.name)
                throw CleanExit.failure(
                    "\(config) has no source \"\(name)\"; it has \(names.isEmpty ? "none" : names.joined(separator: ", "))"
                )
            }
            if !found { throw ExitCode(1) }
        }
    }

    struct Refusals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What came from a source and made no report, and what to do.")

        @Argument(help: "The source's name.")
        var name: String

        @OptionGroup var server: ServerOption

        func run() async throws {
            let path = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try await APIClient(server).get("/api/v1/sources/\(path)/refusals")
            guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
            let refusals = answer.json["refusals"]?.array ?? []
            for refusal in refusals {
                print("\(refusal["at"]?.string ?? "")  \(refusal["event"]?.string ?? "")")
                print("    \(refusal["reason"]?.string ?? "")")
            }
            print("\(refusals.count) kept; with a mended mapping a restart of the server takes them in")
        }
    }
}
