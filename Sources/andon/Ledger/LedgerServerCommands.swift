import AndonModel
import AndonTransparency
import ArgumentParser
import Foundation

/// Who does something to the record, and why.
struct SignatureOptions: ParsableArguments {
    @Option(help: "Who.")
    var by: String

    @Option(help: "Why.")
    var reason: String
}

struct ShowKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The public keys of the log and of this server as a witness: note them elsewhere.")

    @OptionGroup var server: ServerOption

    func run() async throws {
        let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/ledger/keys")).json
        for key in answer["keys"]?.array ?? [] {
            print("\(key["key"]?.string ?? "")  from entry \(key["entry"]?.integer ?? 0) on")
        }
        if let witness = answer["witness"]?.string { print("\(witness)  as a witness of other logs") }
    }
}

struct MakeCheckpoint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Sign the ledger as it is now, and print the checkpoint.")

    @OptionGroup var server: ServerOption

    func run() async throws {
        print(
            try await LedgerText.answer(APIClient(server).post("/api/v1/ledger/checkpoint")).text, terminator: "")
    }
}

struct RotateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Put a new signing key in force; the old one signs for it, and is deleted."
    )

    @OptionGroup var signature: SignatureOptions

    @OptionGroup var server: ServerOption

    func run() async throws {
        let body: JSON = ["by": .string(signature.by), "reason": .string(signature.reason)]
        let answer = try await LedgerText.answer(
            APIClient(server).post("/api/v1/ledger/key", body: Data(body.canonicalBytes)))
        print("in force is \(answer.json["key"]?.string ?? "")\nnote it where it cannot be changed")
    }
}

struct EraseName: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Forget a person's name: the record stays whole, and says that it withholds it.",
        discussion: """
            The name goes from beside the ledger's entries and from orders, holds and limits. It stays in the CMMS, in \
            backups, and in free text that people wrote. There is no way back.
            """)

    @Argument(help: "The name as it stands in the record.")
    var person: String

    @OptionGroup var signature: SignatureOptions

    @OptionGroup var server: ServerOption

    func run() async throws {
        let body: JSON = [
            "person": .string(person), "by": .string(signature.by), "reason": .string(signature.reason),
        ]
        let answer = try await LedgerText.answer(
            APIClient(server).post("/api/v1/ledger/erasure", body: Data(body.canonicalBytes))
        ).json
        print(
            "erased beside \(answer["values"]?.integer ?? 0) entries and in \(answer["rows"]?.integer ?? 0) other rows")
    }
}

// MARK: Witnesses without a network between them

struct AskWitness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness-request", abstract: "Write what a witness needs to sign: to be carried there.")

    @Argument(help: "The file.")
    var file: String

    @Option(help: "Entries of the last checkpoint that the witness signed; it says so when it is another.")
    var old = 0

    @OptionGroup var server: ServerOption

    func run() async throws {
        let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/ledger/witness-request?old=\(old)"))
        try Data(answer.text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        print("\(file): have it signed with `andon ledger cosign` there, and bring the answer to add-cosignature")
    }
}

struct Cosign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cosign",
        abstract: "Sign another site's checkpoint, if it continues the one that was signed before.")

    @Argument(help: "What `andon ledger witness-request` wrote there.")
    var file: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        guard let body = FileManager.default.contents(atPath: file) else {
            throw CleanExit.failure("\(file) cannot be read")
        }
        let answer = try await APIClient(server).post("/ledger/add-checkpoint", type: "text/plain", body: body)
        if answer.status == 409 {
            throw CleanExit.failure(
                "the last checkpoint that was signed here has another size: ask again with --old "
                    + answer.text.trimmingCharacters(in: .newlines))
        }
        guard answer.status == 200 else { throw CleanExit.failure(answer.text.trimmingCharacters(in: .newlines)) }
        let size = try? Checkpoint(parsing: WitnessRequest(parsing: String(decoding: body, as: UTF8.self)).note.text)
            .size
        print("size \(size ?? 0)\n\(answer.text)", terminator: "")
    }
}

struct AddCosignature: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-cosignature", abstract: "Keep a witness's signature on a checkpoint of this ledger.")

    @Argument(help: "What `andon ledger cosign` printed there.")
    var file: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(data: data, encoding: .utf8), text.hasPrefix("size "),
            let end = text.firstIndex(of: "\n"), let size = Int64(plainDecimal: text[..<end].dropFirst(5))
        else { throw CleanExit.failure("\(file) is not what `andon ledger cosign` prints") }
        let lines = Data(text[text.index(after: end)...].utf8)
        let answer = try await LedgerText.answer(
            APIClient(server).post("/api/v1/ledger/cosignatures?size=\(size)", type: "text/plain", body: lines))
        let kept = (answer.json["kept"]?.array ?? []).compactMap(\.string)
        guard !kept.isEmpty else {
            throw CleanExit.failure("no signature in \(file) is by a witness of ledger.witnesses")
        }
        for key in kept { print("kept the signature of \(key)") }
    }
}

enum LedgerText {
    static func answer(_ answer: APIClient.Answer) throws -> APIClient.Answer {
        guard (200..<300).contains(answer.status) else { throw CleanExit.failure(ChartText.problem(answer)) }
        return answer
    }
}
