import AndonModel
import ArgumentParser
import Foundation

struct ValidationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validation",
        abstract: "What shows that this version was tested.",
        subcommands: [RecordValidation.self, ListValidations.self])
}

struct RecordValidation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Keep a validation pack and record it in the ledger; compliance packages bring it along.",
        discussion: "The file is the validation.json of a pack (schema andon.validation/1), at most 16 MB.")

    @Argument(help: "The file.")
    var file: String

    @OptionGroup var signature: SignatureOptions

    @OptionGroup var server: ServerOption

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
        else {
            throw CleanExit.failure("\(file) is not a UTF-8 text that can be read")
        }
        let body: JSON = [
            "pack": .string(text), "by": .string(signature.by), "reason": .string(signature.reason),
        ]
        let answer = try await LedgerText.answer(
            APIClient(server).post("/api/v1/validation", body: Data(body.canonicalBytes))
        ).json
        let counts = answer["counts"]
        print(
            "recorded as entry \(answer["entry"]?.integer ?? 0): version \(answer["version"]?.string ?? ""), "
                + "\(counts?["passed"]?.integer ?? 0) of \(counts?["tests"]?.integer ?? 0) tests passed, "
                + "\(counts?["covered"]?.integer ?? 0) of \(counts?["requirements"]?.integer ?? 0) requirements covered"
        )
        let running = try await LedgerText.answer(APIClient(server).get("/api/v1/validation")).json
        if running["software"] != answer["version"] {
            print(
                "note: the server runs version \(running["software"]?.string ?? ""), which this pack says nothing about"
            )
        }
    }
}

struct ListValidations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The packs that were recorded.")

    @OptionGroup var server: ServerOption

    func run() async throws {
        let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/validation")).json
        for entry in answer["packs"]?.array ?? [] {
            let body = entry["body"]
            print(
                "\(entry["at"]?.string ?? "")  version \(body?["version"]?.string ?? "")  "
                    + "\(body?["counts"]?["passed"]?.integer ?? 0) of \(body?["counts"]?["tests"]?.integer ?? 0) passed  "
                    + "sha256 \(body?["sha256"]?.string ?? "")  by \(body?["by"]?.string ?? "(withheld)")")
        }
        if answer["inForce"]?.integer == nil {
            print("none is recorded for the running version \(answer["software"]?.string ?? "")")
        }
    }
}
