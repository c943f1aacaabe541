import AndonModel
import ArgumentParser
import Foundation

struct OPCUACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opcua", abstract: "Whom the server trusts over OPC UA, and its own certificate.",
        discussion: """
            A client that nobody has trusted yet is refused, and listed after it has tried to connect. Compare the thumbprint
            with the one that the client shows, then trust it. It takes effect at once.
            """,
        subcommands: [List.self, Trust.self, Reject.self, Certificate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Certificates that are trusted, and that were refused.")

        @OptionGroup var server: ServerOption

        func run() async throws {
            let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/opcua/trust")).json
            let entries = answer["certificates"]?.array ?? []
            if entries.isEmpty { print("nobody is trusted, and nobody was refused") }
            for entry in entries { print(OPCUAText.entry(entry)) }
        }
    }

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trust a certificate that was refused; without a thumbprint, name those that could be.")

        @Argument(help: "The certificate's thumbprint, 40 hexadecimal digits; colons and spaces may stand between.")
        var thumbprint: String?

        @OptionGroup var person: PersonOptions

        @OptionGroup var server: ServerOption

        func run() async throws {
            guard let thumbprint else {
                let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/opcua/trust")).json
                let entries = (answer["certificates"]?.array ?? []).filter { $0["state"]?.string == "rejected" }
                if entries.isEmpty { print("nobody was refused: a client is listed after it has tried to connect") }
                for entry in entries { print(OPCUAText.entry(entry)) }
                return
            }
            try await OPCUAText.change("trust", thumbprint, person, server)
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust a certificate no longer; its channels end.")

        @Argument(help: "The certificate's thumbprint, 40 hexadecimal digits.")
        var thumbprint: String

        @OptionGroup var person: PersonOptions

        @OptionGroup var server: ServerOption

        func run() async throws { try await OPCUAText.change("reject", thumbprint, person, server) }
    }

    struct Certificate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The server's own certificate: what clients have to trust.")

        @OptionGroup var server: ServerOption

        func run() async throws {
            let own = try await LedgerText.answer(APIClient(server).get("/api/v1/opcua/trust")).json["own"]
            func text(_ name: String) -> String { own?[name]?.string ?? "" }
            print("subject      \(text("subject"))")
            print("application  \(text("applicationUri"))")
            print("thumbprint   \(text("thumbprint"))")
            print("expires      \(text("notAfter")), in \(own?["daysLeft"]?.integer ?? 0) days")
            print("file         \(text("path"))")
        }
    }

    /// Who does it, and why.
    struct PersonOptions: ParsableArguments {
        @Option(help: "Login name of an administrator; where nobody has an account, your name.")
        var by: String?

        @Option(help: "Why.")
        var reason: String?
    }
}

private enum OPCUAText {
    static func entry(_ entry: JSON) -> String {
        func text(_ name: String) -> String { entry[name]?.string ?? "" }
        return "\(text("state"))  \(text("thumbprint"))  \(text("applicationUri"))  \(text("subject"))  "
            + "until \(text("notAfter"))  since \(text("since"))"
    }

    static func change(
        _ action: String, _ thumbprint: String, _ person: OPCUACommand.PersonOptions, _ server: ServerOption
    ) async throws {
        guard let by = person.by, let reason = person.reason else {
            throw CleanExit.failure("say who does it and why: --by NAME --reason WORDS")
        }
        let client = APIClient(server)
        let accounts = try await LedgerText.answer(client.get("/api/v1/accounts")).json["accounts"]?.array ?? []
        var fields: [String: JSON] = ["thumbprint": .string(thumbprint), "reason": .string(reason)]
        if accounts.isEmpty {
            fields["by"] = .string(by)
        } else {
            fields["byLogin"] = .string(by)
            fields["byPassword"] = .string(try SecretPrompt.ask("Password of \(by)"))
        }
        let body = Data(JSON.object(fields).canonicalBytes)
        let answer = try await LedgerText.answer(client.post("/api/v1/opcua/\(action)", body: body)).json
        print("\(answer["thumbprint"]?.string ?? "") is \(answer["state"]?.string ?? "")")
    }
}
