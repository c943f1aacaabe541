import AndonIdentity
import AndonModel
import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "The accounts of those who sign electronically.",
        discussion: """
            Passwords are asked for on the terminal and not shown; where there is none, each is a line of the standard
            input, in the order in which they would be asked for. A new account and a reset need a second person.
            """,
        subcommands: [
            ListAccounts.self, SetUpAccount.self, EnrolAccount.self, ChangePassword.self, CreateAccount.self,
            ResetAccount.self, UnlockAccount.self, ChangeAccount.self, RetireAccount.self, RecoverAccounts.self,
        ])
}

/// Asks for what is not to stand in a list of processes or a history of commands.
enum SecretPrompt {
    static func ask(_ words: String) throws -> String {
        if isatty(STDIN_FILENO) == 1 {
            guard let typed = getpass("\(words): ") else { throw CleanExit.failure("no password was typed") }
            return String(cString: typed)
        }
        guard let line = readLine(strippingNewline: true) else {
            throw CleanExit.failure("the standard input should have a line for: \(words)")
        }
        return line
    }

    /// A password of one's own choice, twice on a terminal.
    static func askNew() throws -> String {
        let password = try ask("New password")
        guard try isatty(STDIN_FILENO) == 0 || password == ask("Once more") else {
            throw CleanExit.failure("the two are not the same")
        }
        return password
    }
}

/// The people who change accounts.
struct AuthorisationOptions: ParsableArguments {
    @Option(help: "Login name of the administrator.")
    var by: String

    @Option(help: "Login name of the second person.")
    var approver: String?

    @Option(help: "Why.")
    var reason: String

    func fields() throws -> [String: JSON] {
        var fields: [String: JSON] = [
            "byLogin": .string(by), "reason": .string(reason),
            "byPassword": .string(try SecretPrompt.ask("Password of \(by)")),
        ]
        if let approver {
            fields["approverLogin"] = .string(approver)
            fields["approverPassword"] = .string(try SecretPrompt.ask("Password of \(approver)"))
        }
        return fields
    }
}

private func post(_ path: String, _ fields: [String: JSON], _ server: ServerOption) async throws {
    let body = Data(JSON.object(fields).canonicalBytes)
    let answer = try await LedgerText.answer(APIClient(server).post(path, body: body)).json
    let account = answer["account"]
    print(
        "account \(account?["account"]?.integer ?? 0), \(account?["login"]?.string ?? ""): "
            + (account?["state"]?.string ?? ""))
    guard let code = answer["code"]?.string else { return }
    print("the code for its owner, good for one use: \(code)\nhand it to that person alone; it is not shown again")
}

/// What administrators do to an account that is there.
struct AccountChange: ParsableArguments {
    @Argument(help: "The account's number.")
    var account: Int

    @OptionGroup var authorisation: AuthorisationOptions

    @OptionGroup var server: ServerOption

    /// - Parameter action: the last word of the API's address.
    func carryOut(_ action: String, _ further: [String: JSON] = [:]) async throws {
        let fields = try authorisation.fields().merging(further) { $1 }
        try await post("/api/v1/accounts/\(account)/\(action)", fields, server)
    }
}

struct ListAccounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Who has or had an account.")

    @OptionGroup var server: ServerOption

    func run() async throws {
        let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/accounts")).json
        for account in answer["accounts"]?.array ?? [] {
            let roles = (account["roles"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            let locked = account["lockedUntil"]?.string.map { ", locked until \($0)" } ?? ""
            print(
                "\(account["account"]?.integer ?? 0)  \(account["login"]?.string ?? "")  "
                    + "\(account["printedName"]?.string ?? "")  \(roles)  \(account["state"]?.string ?? "")\(locked)")
        }
    }
}

struct SetUpAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-up", abstract: "Make the first account, an administrator's, with the data folder's code.")

    @Argument(help: "Login name.")
    var login: String

    @Option(help: "The name as it stands under signatures.")
    var name: String

    @Flag(help: "Your electronic signature binds you like the one by hand.")
    var accept = false

    @OptionGroup var server: ServerOption

    func run() async throws {
        try await post(
            "/api/v1/accounts/set-up",
            [
                "login": .string(login), "printedName": .string(name), "accepts": .bool(accept),
                "code": .string(try SecretPrompt.ask("Code, from the file set-up-code of the data folder")),
                "password": .string(try SecretPrompt.askNew()),
            ], server)
    }
}

struct EnrolAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Set your password with the code that you were given.")

    @Argument(help: "Login name.")
    var login: String

    @Flag(help: "Your electronic signature binds you like the one by hand.")
    var accept = false

    @OptionGroup var server: ServerOption

    func run() async throws {
        try await post(
            "/api/v1/accounts/enrol",
            [
                "login": .string(login), "accepts": .bool(accept), "code": .string(try SecretPrompt.ask("Code")),
                "password": .string(try SecretPrompt.askNew()),
            ], server)
    }
}

struct ChangePassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "password", abstract: "Change your password.")

    @Argument(help: "Login name.")
    var login: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        try await post(
            "/api/v1/accounts/password",
            [
                "login": .string(login), "password": .string(try SecretPrompt.ask("Password")),
                "newPassword": .string(try SecretPrompt.askNew()),
            ], server)
    }
}

struct CreateAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an account; its owner sets the password with the code that is printed.")

    @Argument(help: "Login name, never used before.")
    var login: String

    @Option(help: "The name as it stands under signatures.")
    var name: String

    @Option(parsing: .upToNextOption, help: "viewer, technician, planner, quality-engineer, auditor, administrator.")
    var roles: [String]

    @Option(help: "How somebody made sure who it is, such as \"staff card seen\".")
    var identity: String

    @OptionGroup var authorisation: AuthorisationOptions

    @OptionGroup var server: ServerOption

    func run() async throws {
        let fields = try authorisation.fields().merging([
            "login": .string(login), "printedName": .string(name), "identity": .string(identity),
            "roles": .string(roles.joined(separator: " ")),
        ]) { $1 }
        try await post("/api/v1/accounts", fields, server)
    }
}

struct ResetAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "End a password that is lost or known to others; its owner sets a new one.")

    @OptionGroup var change: AccountChange

    func run() async throws { try await change.carryOut("reset") }
}

struct UnlockAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Take the lock off an account before its time is over.")

    @OptionGroup var change: AccountChange

    func run() async throws { try await change.carryOut("unlock") }
}

struct ChangeAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Give an account other roles or another printed name.")

    @Option(parsing: .upToNextOption, help: "All of its roles from now on.")
    var roles: [String] = []

    @Option(help: "The name as it stands under signatures from now on.")
    var name: String?

    @OptionGroup var change: AccountChange

    func run() async throws {
        var fields: [String: JSON] = [:]
        if !roles.isEmpty { fields["roles"] = .string(roles.joined(separator: " ")) }
        if let name { fields["printedName"] = .string(name) }
        try await change.carryOut("change", fields)
    }
}

struct RetireAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "End an account for good; its signatures stay valid.")

    @OptionGroup var change: AccountChange

    func run() async throws { try await change.carryOut("retire") }
}

struct RecoverAccounts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "When no administrator can sign any more: make a code for a new one, beside the server.",
        discussion: "It is an alarm and an entry of the ledger, with who and why. Use it with andon account set-up.")

    @OptionGroup var data: DataOption

    @OptionGroup var signature: SignatureOptions

    func run() throws {
        let file = SetUpCode(folder: data.data)
        do {
            let code = try file.make(by: signature.by, reason: signature.reason, random: SystemRandom())
            print("the code, good for one use: \(code)")
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }
}

struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign an order's record, or a version of the rules.",
        discussion: "The password is asked for each time. docs/signatures.md says who may sign what.")

    @Argument(help: "An order's reference, or rules/N.")
    var what: String

    @Option(help: "Your login name.")
    var login: String

    @Option(help: "authorship, responsibility, review or approval.")
    var meaning: String

    @Option(help: "A remark that stands beside it.")
    var reason: String?

    @OptionGroup var server: ServerOption

    func run() async throws {
        let path =
            what.hasPrefix("rules/") ? "/api/v1/\(what)/signatures" : "/api/v1/orders/\(what)/signatures"
        var fields: [String: JSON] = [
            "login": .string(login), "meaning": .string(meaning),
            "password": .string(try SecretPrompt.ask("Password of \(login)")),
        ]
        if let reason { fields["reason"] = .string(reason) }
        let answer = try await LedgerText.answer(
            APIClient(server).post(path, body: Data(JSON.object(fields).canonicalBytes)))
        print("signed: entry \(answer.json["entry"]?.integer ?? 0) of the ledger")
    }
}
