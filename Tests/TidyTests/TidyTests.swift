import AndonConfiguration
import AndonConnectors
import AndonModel
import Foundation
import Testing

/// The repository's own rules, looked at like any other behaviour.
@Suite("The house is tidy")
struct TidyTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func files(_ folder: String, _ suffix: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (found?.allObjects ?? []).compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }
            .map { "\(folder)/\($0)" }.sorted()
    }

    /// Rooms from the ground up: a room may import only those before it, and the steps none of each other.
    private static let levels: [Set<String>] = [
        ["AndonModel", "AndonPrograms", "AndonSPC", "AndonDraw", "AndonTransparency", "AndonSQL"],
        ["AndonVision"],
        [
            "AndonInference", "AndonCapture", "AndonAnnotate", "AndonLedger", "AndonDecide", "AndonConnectors",
            "AndonWire",
        ],
        ["AndonTesting"],
        ["AndonIdentity"],
        ["AndonWeb"],
        [
            "AndonIntake", "AndonDispatch", "AndonClose", "AndonAudit", "AndonDesk", "AndonConfiguration", "AndonFloor",
            "AndonSources", "AndonLearn", "AndonSites", "AndonBackup",
        ],
        ["AndonServer", "AndonSimulation"], ["andon"],
    ]

    @Test("Imports point one way, and no step of the flow imports another")
    func imports() throws {
        var seen = 0
        for file in Self.files("Sources", ".swift") {
            let room = file.split(separator: "/")[1]
            guard let level = Self.levels.firstIndex(where: { $0.contains(String(room)) }) else { continue }
            for match in try Self.text(file).matches(of: /(?m)^(?:@testable )?import (Andon\w+)/) {
                let other = String(match.1)
                let below = Self.levels.firstIndex { $0.contains(other) }
                #expect(below.map { $0 < level } == true, "\(file) imports \(other)")
                seen += 1
            }
        }
        #expect(seen > 100)
    }

    @Test("The vocabulary and the rules know no network, no store, and no clock but the one they are handed")
    func purity() throws {
        let pure = ["AndonVision", "AndonDecide", "AndonConnectors", "AndonSPC", "AndonTransparency", "UACodec"]
        for file in pure.flatMap({ Self.files("Sources/\($0)", ".swift") }) {
            let text = try Self.text(file)
            for name in ["URLSession", "FileManager", "FileHandle", "Date()", "ContinuousClock", "Task.sleep", "NIO"] {
                #expect(!text.contains(name), "\(file) uses \(name)")
            }
        }
    }

    @Test("The OPC UA stack knows nothing of Andon")
    func stack() throws {
        let files = Self.files("Sources", ".swift").filter { $0.hasPrefix("Sources/UA") }
        #expect(files.count > 40)
        for file in files { #expect(try !Self.text(file).contains("import Andon"), "\(file)") }
    }

    @Test("A file is one room, and what the compiler cannot check is proved in a comment")
    func files() throws {
        for file in Self.files("Sources", ".swift") {
            let lines = try Self.text(file).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 420, "\(file) has \(lines.count) lines")
            for (number, line) in lines.enumerated() {
                let bare = line.trimmingCharacters(in: .whitespaces)
                guard !bare.hasPrefix("//") else { continue }
                #expect(!bare.contains("try!") && !bare.contains("as!"), "\(file):\(number + 1)")
                if bare.contains("@unchecked Sendable") || bare.contains("nonisolated(unsafe)") {
                    let before = lines[max(0, number - 4)..<number].contains { $0.contains("//") }
                    #expect(before, "\(file):\(number + 1) proves nothing")
                }
            }
        }
    }

    @Test("The documents quote the files that the program reads")
    func quotes() throws {
        let samples = Self.files("Sources/AndonConnectors", "/sample.yaml").map {
            ($0, $0.replacing("sample.yaml", with: "README.md"))
        }
        for (sample, document) in samples + [("Sources/AndonServer/Samples/andon.yaml", "docs/configuration.md")] {
            #expect(try Self.text(document).contains(Self.text(sample)), "run scripts/docs: \(document) is behind")
        }
        let kept = try Self.files("Sources/AndonServer/Samples/connectors", ".yaml").map { try Self.text($0) }
        #expect(try kept.sorted() == samples.map { try Self.text($0.0) }.sorted(), "run scripts/docs")
        #expect(samples.count == ConnectorType.all.count, "every connector's folder has a sample.yaml and a README.md")
        let table = try Self.text("docs/connectors.md")
        for type in ConnectorType.all {
            #expect(table.contains("| `\(type.name)` |"), "run scripts/docs: \(type.name) is not in docs/connectors.md")
        }
    }

    @Test("Every option that the program reads is in its sample file, and every option there is read")
    func options() throws {
        var asked: [String: Set<String>] = [:]
        let pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"
        let secrets = SecretSource(environment: { _ in "x" }, file: { _ in pem })
        for type in ConnectorType.all {
            let file = Self.files("Sources/AndonConnectors", "/sample.yaml").first {
                $0.lowercased().contains("/\(type.name.replacing("-", with: ""))/")
            }
            let path = try #require(file, "\(type.name) has no sample.yaml")
            let yaml = Self.uncommented(try Self.text(path))
            let found = try Configuration.load(
                yaml: "plant: { name: P }\n" + yaml, secrets: secrets,
                check: { entry, reader in
                    guard entry.name == type.name else { return }
                    _ = type.make(reader)
                    asked[path, default: []].formUnion(
                        reader.faults.asked.filter { $0.hasPrefix("connectors.\(type.name).") })
                })
            #expect(found.connectors.contains { $0.name == type.name })
        }
        let main = "Sources/AndonServer/Samples/andon.yaml"
        var collector: SettingsFaults?
        let yaml = Self.uncommented(try Self.text(main).replacing(/(?m)^  # maximo:(.|\n)*/, with: ""))
        _ = try Configuration.load(
            yaml: yaml, secrets: secrets, files: { $0 == "candidate.yaml" ? "rules: {}" : "id\nX-1\n" },
            pictures: { try? Array(Self.text("Sources/AndonServer/Samples/\($0)").utf8) },
            check: { _, reader in collector = reader.faults })
        asked[main] = collector?.asked ?? []
        for (path, options) in asked {
            // The options that every connector has are shown once, with the desk.
            let text = try Self.text(path) + Self.text(main)
            let names = Set(options.compactMap { $0.split(separator: ".").last.map(String.init) })
            let missing = try names.filter { name in
                try !name.contains("[") && text.firstMatch(of: Regex("(^|[\\s{#])\(name):")) == nil
            }
            #expect(missing.isEmpty, "\(path) does not show \(missing.sorted())")
            #expect(options.count > 10)
        }
    }

    /// The sample with its commented options in force: a line that is a comment and looks like an option is one.
    private static func uncommented(_ yaml: String) -> String {
        yaml.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let match = line.wholeMatch(of: /( *)# ( *[A-Za-z0-9]+:( .*)?)/) else { return String(line) }
            return String(match.1 + match.2)
        }.joined(separator: "\n")
    }

    @Test("What the documents tell people to run is there")
    func commands() throws {
        let documents = ["README.md", "CONTRIBUTING.md"] + Self.files("docs", ".md")
        let known: Set<String> = [
            "demo", "serve", "check", "send", "connector", "source", "chart", "backtest", "tune", "reconcile", "ledger",
            "simulate", "learn", "vision", "annotate", "crop", "hold", "pictures", "export", "validation", "account",
            "sign", "opcua", "init", "test", "access", "key", "thumbnail", "floor", "backup", "restore",
        ]
        for document in documents {
            let text = try Self.text(document)
            for match in text.matches(of: /`?(?:release\/)?\bandon ([a-z]+)/)
            where text[match.range].contains("`") || text[match.range].contains("release/") {
                #expect(known.contains(String(match.1)), "\(document) runs andon \(match.1)")
            }
            for match in text.matches(
                of: /(?:scripts|docs|Benchmarks|Examples|Sources|Tests)\/[A-Za-z0-9_\/.+-]*[A-Za-z0-9]/)
            {
                let path = root(String(match.0))
                #expect(FileManager.default.fileExists(atPath: path), "\(document) names \(match.0)")
            }
        }
    }

    private func root(_ path: String) -> String { Self.root.appendingPathComponent(path).path }
}
