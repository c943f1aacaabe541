import AndonIdentity
import AndonModel
import AndonTesting
import Foundation
import Testing

/// HTTP with no cookies of its own, and without going where it is sent: what one caller gets is seen as it comes.
struct BareClient: Sendable {
    let port: Int
    var headers: [String: String] = [:]

    struct Answer: Sendable {
        var status: Int
        /// Names in small letters, each line by itself.
        var headers: [(name: String, value: String)]
        var body: String

        subscript(header: String) -> String? { headers.first { $0.name == header }?.value }

        var json: JSON { (try? JSON(parsing: Array(body.utf8), limits: JSONLimits(bytesMax: 64 << 20))) ?? .null }

        /// The word behind `urn:andon:problem:`; nil when the answer is no problem.
        var problem: String? { json["type"]?.string.map { String($0.split(separator: ":").last ?? "") } }
    }

    func send(
        _ method: String, _ path: String, headers extra: [String: String] = [:], body: String? = nil
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        for (name, value) in headers.merging(extra, uniquingKeysWith: { $1 }) { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        let (text, port) = (head + "\r\n" + (body ?? ""), port)
        let answer: String = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let connection = try RawConnection(port: port)
                        connection.send(text)
                        return connection.readToEnd()
                    })
            }
        }
        return try Self.parsed(answer)
    }

    private static func parsed(_ text: String) throws -> Answer {
        let end = try #require(text.range(of: "\r\n\r\n"), "no whole head came: \(text.prefix(200))")
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    func post(_ path: String, _ json: JSON) async throws -> Answer {
        try await send("POST", path, headers: ["Content-Type": "application/json"], body: json.canonicalText)
    }

    func form(_ path: String, _ fields: [String: String]) async throws -> Answer {
        let pairs = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return try await send(
            "POST", path, headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: pairs.joined(separator: "&"))
    }
}

/// A server that asks everybody who they are, with an account of each role and a key of each permission.
struct AccessBench: Sendable {
    static let password = "correct horse battery"

    /// Somebody who calls, and what they may.
    struct Who: Sendable {
        var name: String
        var client: BareClient
        var permissions: Set<Permission>
        var isStranger = false
    }

    let server: ServerFixture
    let stranger: BareClient
    private(set) var people: [Role: BareClient] = [:]
    private(set) var keys: [Permission: BareClient] = [:]

    /// The first administrator alone.
    ///
    /// - Parameter files: what lies beside the configuration, by name.
    init(
        _ yaml: String = ServerFixture.plant, files: [String: String] = [:], environment: [String: String] = [:]
    ) async throws {
        server = try ServerFixture(yaml, files: files, environment: environment, access: "accounts")
        stranger = BareClient(port: server.process.port)
        let text = try String(contentsOfFile: server.data + "/set-up-code", encoding: .utf8)
        let code = text.split(separator: "\n").first.map(String.init) ?? ""
        let made = try await stranger.form(
            "/first",
            [
                "code": code, "login": "root.admin", "printedName": "A. Maier", "password": Self.password,
                "accepts": "true",
            ])
        people[.administrator] = try signedIn(made, to: "/now")
    }

    var administrator: BareClient { people[.administrator] ?? stranger }

    /// A client with the cookie of an answer that signed somebody in.
    func signedIn(_ answer: BareClient.Answer, to path: String) throws -> BareClient {
        #expect(answer.status == 303 && answer["location"] == path, "\(answer.status) \(answer.body)")
        let cookie = try #require(answer["set-cookie"]?.split(separator: ";").first, "\(answer.headers)")
        return BareClient(port: stranger.port, headers: ["Cookie": String(cookie)])
    }

    func signIn(_ login: String, password: String = AccessBench.password) async throws -> BareClient {
        let answer = try await stranger.form("/sign-in", ["login": login, "password": password, "next": "/me"])
        return try signedIn(answer, to: "/me")
    }

    /// What an administrator, and a second person where there is one, type with a change of accounts.
    func authorisation(approver: String?) -> [String: JSON] {
        var fields: [String: JSON] = [
            "byLogin": "root.admin", "byPassword": .string(Self.password), "reason": "needed for the test",
        ]
        if let approver {
            fields["approverLogin"] = .string(approver)
            fields["approverPassword"] = .string(Self.password)
        }
        return fields
    }

    /// A further person, who is not signed in yet.
    func person(_ login: String, _ roles: String, approver: String?) async throws {
        var fields = authorisation(approver: approver)
        fields["login"] = .string(login)
        fields["printedName"] = .string("Person \(login)")
        fields["roles"] = .string(roles)
        fields["identity"] = "staff card seen"
        let made = try await administrator.post("/api/v1/accounts", .object(fields))
        #expect(made.status == 201, "\(made.body)")
        let enrolled = try await stranger.post(
            "/api/v1/accounts/enrol",
            [
                "login": .string(login), "code": made.json["code"] ?? "", "password": .string(Self.password),
                "accepts": true,
            ])
        #expect(enrolled.status == 201, "\(enrolled.body)")
    }

    func key(_ name: String, _ permissions: String, _ more: [String: JSON] = [:]) async throws -> (BareClient, Int) {
        let fields: [String: JSON] = ["name": .string(name), "permissions": .string(permissions)]
        let made = try await administrator.post("/api/v1/keys", .object(fields.merging(more) { $1 }))
        let secret = try #require(made.json["secret"]?.string, "\(made.body)")
        let client = BareClient(port: stranger.port, headers: ["Authorization": "Bearer \(secret)"])
        return (client, made.json["key"]?.integer ?? 0)
    }

    /// One of each.
    mutating func fill() async throws {
        var approver: String?
        for role in Role.allCases where role != .administrator {
            let login = "of.\(role.rawValue)"
            try await person(login, role.rawValue, approver: approver)
            people[role] = try await signIn(login)
            approver = login
        }
        for permission in Permission.allCases {
            keys[permission] = try await key("key-\(permission.rawValue)", permission.rawValue).0
        }
    }

    var all: [Who] {
        var all = [Who(name: "a stranger", client: stranger, permissions: [], isStranger: true)]
        for role in Role.allCases {
            all.append(Who(name: role.rawValue, client: people[role] ?? stranger, permissions: role.permissions))
        }
        for permission in Permission.allCases {
            all.append(
                Who(
                    name: "the key for \(permission.rawValue)", client: keys[permission] ?? stranger,
                    permissions: [permission]))
        }
        return all
    }

    /// Refusals of a subject in the ledger, by what was needed.
    func refusals(of subject: String) async throws -> Set<String> {
        var needs: Set<String> = []
        var from = 0
        while true {
            let answer = try await administrator.get("/api/v1/ledger?from=\(from)")
            let entries = answer.json["entries"]?.array ?? []
            for entry in entries where entry["kind"] == "access.refused" && entry["subject"] == .string(subject) {
                if let needed = entry["body"]?["needs"]?.string { needs.insert(needed) }
            }
            guard let last = entries.last?["index"]?.integer, last >= from else { return needs }
            from = last + 1
        }
    }
}
