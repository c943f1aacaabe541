import AndonIdentity
import AndonModel
import ArgumentParser
import Foundation

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys by which machines use the API.",
        subcommands: [ListKeys.self, MakeKey.self, RevokeKey.self])
}

struct ListKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Which machines have or had a key.")

    @OptionGroup var server: ServerOption

    func run() async throws {
        let answer = try await LedgerText.answer(APIClient(server).get("/api/v1/keys")).json
        for key in answer["keys"]?.array ?? [] { print(Self.line(key)) }
    }

    private static func line(_ key: JSON) -> String {
        let sites = (key["sites"]?.array ?? []).compactMap(\.string)
        let parts: [String?] = [
            "\(key["key"]?.integer ?? 0)", key["name"]?.string,
            (key["permissions"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
            sites.isEmpty ? nil : "at \(sites.joined(separator: ", "))",
            key["expiresAt"]?.string.map { "until \($0)" }, key["usedAt"]?.string.map { "used \($0)" },
            key["revokedAt"]?.string.map { "revoked \($0)" },
        ]
        return parts.compactMap { $0 }.joined(separator: "  ")
    }
}

struct MakeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "Make a key for a machine; it is printed once.")

    @Argument(help: "Which machine has it.")
    var name: String

    @Option(
        name: .customLong("may"), parsing: .upToNextOption,
        help: "What it may do: read, report, work, plan, tune, audit, retain, administer.")
    var permissions: [String]

    @Option(parsing: .upToNextOption, help: "The sites where it may; all without them.")
    var sites: [String] = []

    @Option(help: "A day like 2027-01-01 or a time from which on it is good for nothing.")
    var until: String?

    @OptionGroup var server: ServerOption

    func run() async throws {
        var fields: [String: JSON] = [
            "name": .string(name), "permissions": .string(permissions.joined(separator: " ")),
            "sites": .string(sites.joined(separator: " ")),
        ]
        if let until { fields["expiresAt"] = .string(until) }
        let body = Data(JSON.object(fields).canonicalBytes)
        let answer = try await LedgerText.answer(APIClient(server).post("/api/v1/keys", body: body)).json
        print("key \(answer["key"]?.integer ?? 0), \(answer["name"]?.string ?? ""): it is not shown again")
        print(answer["secret"]?.string ?? "")
    }
}

struct RevokeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take nothing from a key any more, from the next request on.")

    @Argument(help: "The key's number.")
    var number: Int

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        let body = Data(JSON.object(["reason": .string(reason)]).canonicalBytes)
        let path = "/api/v1/keys/\(number)/revoke"
        let answer = try await LedgerText.answer(APIClient(server).post(path, body: body)).json
        print("key \(number), \(answer["name"]?.string ?? ""): revoked")
    }
}
