import AndonPrograms
import AndonSQL
import Foundation

/// PostgreSQL's own programs for dumps: `pg_dump` and `pg_restore`, of the server's version or a later one.
struct PostgresTools: Sendable {
    /// Where they are; the PATH when nil.
    var programs: String?

    func dump(_ address: String, schema: String, snapshot: String, to file: String) throws {
        try run(
            "pg_dump", address,
            ["--format=custom", "--schema=\"\(schema)\"", "--snapshot=\(snapshot)", "--no-owner", "--file=\(file)"])
    }

    /// All of it, or nothing.
    ///
    /// The functions of the tables name each other as the server does, with the schema on the search path; a dump empties
    /// that. So the dump is written as a script, its word about the path is blanked, and psql runs it with ours.
    func restore(_ file: String, schema: String, to address: String, by script: String) throws {
        defer { try? FileManager.default.removeItem(atPath: script) }
        try run("pg_restore", nil, ["--no-owner", "--file=\(script)"], file)
        try Self.blank("SELECT pg_catalog.set_config('search_path', '', false);", in: script)
        try run(
            "psql", address,
            ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=\(script)"],
            settings: ["PGOPTIONS": "-c search_path=\(schema)"])
    }

    /// Writes spaces in the place of words at the beginning of a file.
    private static func blank(_ words: String, in path: String) throws {
        guard let file = FileHandle(forUpdatingAtPath: path), let head = try file.read(upToCount: 16_384),
            let place = head.range(of: Data(words.utf8))
        else { throw BackupError.program("the dump's script is not one of pg_dump") }
        try file.seek(toOffset: UInt64(place.lowerBound))
        try file.write(contentsOf: Data(repeating: UInt8(ascii: " "), count: words.utf8.count))
        try file.close()
    }

    /// Reads the dump's list of contents: whether it is a dump at all.
    func look(at file: String) throws { try run("pg_restore", nil, ["--list"], file) }

    private func run(
        _ name: String, _ address: String?, _ arguments: [String], _ file: String? = nil,
        settings: [String: String] = [:]
    ) throws {
        var arguments = arguments
        var environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
        if let address {
            // Everybody on the machine may see a program's arguments: a password is not for there.
            var options = try PostgresEngine.options(of: address)
            if let password = options.removeValue(forKey: "password") { environment["PGPASSWORD"] = password }
            arguments.append("--dbname=\(Self.text(options))")
        }
        if let file { arguments.append(file) }
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: errors) }
        let end: ChildEnd
        do {
            let child = try ChildStart(
                path: try path(of: name), arguments: arguments, environment: environment, errors: .file(errors)
            ).start()
            end = ChildEnd.wait(for: child)
        } catch let failure as ChildStart.Failure {
            throw BackupError.program("\(name) cannot be started: \(failure.description)")
        }
        guard end.status != 0 || end.bySignal else { return }
        let words = FileManager.default.contents(atPath: errors).map {
            String(decoding: $0.prefix(2000), as: UTF8.self)
        }
        throw BackupError.program(
            "\(name) ended with \(end.bySignal ? "signal " : "")\(end.status): "
                + (words ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func path(of name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = programs.map { [$0] } ?? path.split(separator: ":").map(String.init)
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") })
        else {
            throw BackupError.program(
                "\(name) is not in \(programs ?? "the PATH"), and PostgreSQL is copied by it: install PostgreSQL's client "
                    + "programs (Debian: postgresql-client), or name their folder by --postgres-programs")
        }
        return "\(folder)/\(name)"
    }

    /// libpq's `keyword='value'`.
    private static func text(_ options: [String: String]) -> String {
        options.sorted { $0.key < $1.key }.map { name, value in
            "\(name)='\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        }.joined(separator: " ")
    }
}
