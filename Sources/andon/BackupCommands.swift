import AndonBackup
import AndonServer
import AndonTransparency
import ArgumentParser
import Foundation

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Take a backup of the data folder, beside the running server.",
        discussion: """
            The folder holds any number of backups, each whole by itself, and each picture once: a further backup copies \
            only what is new. Facts in PostgreSQL are copied by pg_dump; pictures in object storage are not copied. Exits \
            1 when there is no backup, or when pictures are missing.
            """)

    @Argument(help: "The folder that the backup goes to, on another disk.")
    var folder: String

    @OptionGroup var data: DataOption

    @Option(help: "So many backups stay; older ones are removed.")
    var keep: Int?

    @Flag(help: "The private keys too (ledger.key, witness.key, pki): whoever reads the backup can then sign.")
    var withKeys = false

    @Option(name: .shortAndLong, help: "A configuration file that goes along; not the files that it names.")
    var config: String?

    @Option(help: "The folder of pg_dump, where the PATH has none.")
    var postgresPrograms: String?

    func validate() throws {
        guard keep.map({ $0 > 0 }) ?? true else { throw ValidationError("--keep takes 1 or more") }
    }

    func run() async throws {
        var options = BackupMaker.Options()
        (options.keep, options.withKeys) = (keep, withKeys)
        (options.configuration, options.programs) = (config, postgresPrograms)
        do {
            let report = try BackupMaker(data: data.data, into: folder, options).run()
            print(report.text)
            guard report.isWhole else { throw ExitCode(1) }
        } catch let code as ExitCode {
            throw code
        } catch {
            throw CleanExit.failure("no backup was taken: \(error)")
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a data folder of a backup, once it is found whole.",
        discussion: """
            Every file, every page of the tables and every entry of the ledger is read first, and nothing is written where \
            one is not right. --verify does that alone.
            """)

    @Argument(help: "A backup, or the folder that andon backup wrote to: then its newest.")
    var backup: String

    @Flag(help: "Verify the backup, and write nothing.")
    var verify = false

    @Option(name: .shortAndLong, help: "The data folder to be made.")
    var data: String?

    @Option(help: "Who restores.")
    var by: String?

    @Option(help: "Why.")
    var reason: String?

    @Flag(help: "A folder that is there is put aside under another name.")
    var replace = false

    @Flag(help: "Nothing was done since the backup was taken: the ledger goes on under its name.")
    var moved = false

    @Option(help: "A public key of the ledger that was noted elsewhere: it must be one of its keys.")
    var key: String?

    @Option(help: "The PostgreSQL database that a backup of one goes to.")
    var database: String?

    @Option(help: "The folder of pg_restore, where the PATH has none.")
    var postgresPrograms: String?

    func validate() throws {
        guard verify || (data != nil && by.map { !$0.isEmpty } == true && reason.map { !$0.isEmpty } == true) else {
            throw ValidationError("say --verify, or --data FOLDER with --by WHO and --reason WHY")
        }
    }

    func run() async throws {
        let line = ProgressLine("files")
        defer { line.end() }
        do {
            let trusted = try key.map { try VerifierKey(parsing: $0) }
            guard let data, !verify else {
                let words = try BackupVerifier(backup).verify(
                    trusted: trusted, programs: postgresPrograms, progress: { line.show($0, of: $1) })
                line.end()
                return print(words)
            }
            var options = BackupRestorer.Options(person: by ?? "", reason: reason ?? "")
            (options.isMove, options.replaces, options.trusted) = (moved, replace, trusted)
            (options.database, options.programs) = (database, postgresPrograms)
            let words = try BackupRestorer(backup, data: data, options).run { line.show($0, of: $1) }
            line.end()
            print(words)
        } catch {
            line.end()
            throw CleanExit.failure("\(error)")
        }
    }
}
