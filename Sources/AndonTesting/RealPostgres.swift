import AndonModel
import Foundation
import Synchronization

/// A real PostgreSQL of its own folder and port, started for a test and stopped with the last reference to it.
public final class RealPostgres: Sendable {
    public static let userName = "andon"
    public static let password = "secret"
    public let port: Int
    private let folder: TemporaryFolder
    private let programs: String
    private let connectionsMax: Int
    private let server: Mutex<Process>
    /// PostgreSQL does not run as root: then as `nobody`.
    private let asOther: [String]

    public struct StartError: Error, CustomStringConvertible {
        public var description: String
    }

    /// Where Debian's package or the PATH has the programs.
    public static func findPrograms() throws -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let folders = versions.sorted { (Double($0) ?? 0) > (Double($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for folder in folders + path.split(separator: ":").map(String.init)
        where ["initdb", "postgres", "psql"].allSatisfy({
            FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
        }) {
            return folder
        }
        throw StartError(description: "PostgreSQL is not installed; run scripts/setup --tests")
    }

    public init(connectionsMax: Int = 100) throws {
        programs = try Self.findPrograms()
        self.connectionsMax = connectionsMax
        folder = try TemporaryFolder("andon-pg")
        asOther =
            getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] : []
        port = try freePort()
        if getuid() == 0 {
            try FileManager.default.setAttributes([.ownerAccountName: "nobody"], ofItemAtPath: folder.path)
        }
        let secret = folder.path + "/password"
        try Data(Self.password.utf8).write(to: URL(fileURLWithPath: secret))
        server = Mutex(Process())
        let data = folder.path + "/data"
        try run(
            "initdb", "-D", data, "-U", Self.userName, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8",
            "--no-sync")
        try serve(data, connectionsMax)
    }

    /// As libpq has it.
    public var address: String { address(port: port) }

    /// By a relay on another port.
    public func address(port: Int) -> String {
        "postgresql://\(Self.userName):\(Self.password)@127.0.0.1:\(port)/postgres"
    }

    public var process: pid_t { server.withLock { $0.processIdentifier } }

    /// Starts the server and reads its log until it says that it is ready.
    private func serve(_ data: String, _ connectionsMax: Int) throws {
        let log = Pipe()
        try server.withLock { process in
            // What a test does not need is that a power cut loses nothing.
            prepare(
                process, "postgres",
                [
                    "-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c",
                    "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
                    "max_connections=\(connectionsMax)",
                ])
            process.standardOutput = log
            process.standardError = log
            try process.run()
        }
        var text = ""
        while let chunk = try log.fileHandleForReading.read(upToCount: 1), !chunk.isEmpty {
            text += String(decoding: chunk, as: UTF8.self)
            if text.hasSuffix("ready to accept connections") { break }
        }
        guard text.hasSuffix("ready to accept connections") else { throw StartError(description: text) }
        log.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    /// Ends it in the middle of whatever it does, as a crash would, and starts it again on the same port.
    public func restart() throws {
        server.withLock { process in
            _ = kill(process.processIdentifier, SIGQUIT)
            process.waitUntilExit()
            process = Process()
        }
        try serve(folder.path + "/data", connectionsMax)
    }

    /// At once: its folder goes too.
    deinit {
        server.withLock { process in
            guard process.isRunning else { return }
            _ = kill(process.processIdentifier, SIGQUIT)
            process.waitUntilExit()
        }
    }

    /// What psqlODBC needs to come here, without user and password.
    public var connection: String {
        "Driver=psqlodbcw.so;Server=127.0.0.1;Port=\(port);Database=postgres"
    }

    /// The rows of a statement, names in upper case and values as texts.
    public func rows(_ sql: String) throws -> [JSON] {
        let text = try run(
            "psql", "-h", "127.0.0.1", "-p", String(port), "-U", Self.userName, "-d", "postgres", "-At", "-v",
            "ON_ERROR_STOP=1", "-c", "SELECT coalesce(json_agg(t), '[]') FROM (\(sql)) t")
        return (try JSON(parsing: Array(text.utf8), limits: JSONLimits(bytesMax: 64 << 20)).array ?? []).map { row in
            let members = (row.object ?? [:]).map { name, value in
                (name.uppercased(), JSON.string(value.string ?? (value == .null ? "" : value.canonicalText)))
            }
            return .object(Dictionary(members, uniquingKeysWith: { $1 }))
        }
    }

    /// Statements that no transaction can hold.
    public func command(_ statements: [String]) throws {
        try run(
            [
                "psql", "-h", "127.0.0.1", "-p", String(port), "-U", Self.userName, "-d", "postgres", "-q", "-v",
                "ON_ERROR_STOP=1",
            ]
                + statements.flatMap { ["-c", $0] })
    }

    /// From here on a commit that has put a row into a table waits until `letCommit`, as it would for a slow disk or a standby.
    public func holdCommits(into table: String) throws {
        try command([
            "CREATE TABLE public.gate (one INT)",
            """
            CREATE FUNCTION public.pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                WHILE NOT EXISTS (SELECT 1 FROM public.gate) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NULL; END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.pass()
            """,
        ])
    }

    public func letCommit() throws { try command(["INSERT INTO public.gate VALUES (1)"]) }

    public func isCommitting() throws -> Bool {
        try !rows("SELECT 1 AS one FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'").isEmpty
    }

    public func execute(_ statements: [String]) throws {
        try run(
            "psql", "-h", "127.0.0.1", "-p", String(port), "-U", Self.userName, "-d", "postgres", "-q", "-1", "-v",
            "ON_ERROR_STOP=1", "-c", statements.joined(separator: ";\n"))
    }

    private func prepare(_ process: Process, _ name: String, _ arguments: [String]) {
        let command = (name == "psql" ? [] : asOther) + ["\(programs)/\(name)"] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PGPASSWORD": Self.password, "LC_ALL": "C.UTF-8",
        ]) { $1 }
        process.standardInput = FileHandle.nullDevice
    }

    @discardableResult
    private func run(_ command: String...) throws -> String { try run(command) }

    @discardableResult
    private func run(_ command: [String]) throws -> String {
        let name = command[0]
        let process = Process()
        prepare(process, name, Array(command.dropFirst()))
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw StartError(description: "\(name): \(text)") }
        return text
    }
}
