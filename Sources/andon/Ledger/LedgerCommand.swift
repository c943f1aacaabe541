import AndonAudit
import AndonLedger
import AndonModel
import AndonTransparency
import ArgumentParser
import Foundation

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The record of everything that happened, and its proofs.",
        discussion: """
            verify, prove and tiles read the data folder beside a running server; verify-bundle needs nothing but what it \
            is given; the others ask the running server.
            """,
        subcommands: [
            VerifyLedger.self, ProveEntry.self, VerifyBundle.self, WriteTiles.self, ShowKeys.self, MakeCheckpoint.self,
            RotateKey.self, EraseName.self, AskWitness.self, Cosign.self, AddCosignature.self,
        ])
}

/// Public keys by which a command verifies.
struct KeyOptions: ParsableArguments {
    @Option(help: "A public key of the log (andon ledger keys), noted where it cannot be changed. May be given again.")
    var key: [String] = []

    @Option(help: "The public key of a witness. May be given again.")
    var witness: [String] = []

    @Option(help: "So many of the witnesses must have signed.")
    var witnesses = 0

    func keys() throws -> (log: [VerifierKey], witnesses: [VerifierKey]) {
        (try key.map { try Self.parsed($0, .ed25519) }, try witness.map { try Self.parsed($0, .cosignature) })
    }

    private static func parsed(_ text: String, _ algorithm: NoteAlgorithm) throws -> VerifierKey {
        do {
            let key = try VerifierKey(parsing: text)
            guard key.algorithm == algorithm else {
                throw TransparencyError.malformed(
                    "key", "it is of type \(key.algorithm.rawValue) here, not \(algorithm.rawValue)")
            }
            return key
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }
}

/// How far something is, on one line of a terminal; silent where nobody looks.
final class ProgressLine {
    private let isShown = isatty(2) == 1
    private let what: String
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?

    init(_ what: String) {
        self.what = what
    }

    func show(_ done: Int64, of total: Int64) {
        guard isShown, total > 0 else { return }
        let now = ContinuousClock.now
        if done < total, let last, now - last < .milliseconds(100) { return }
        last = now
        FileHandle.standardError.write(Data("\r\(Self.text(done, total, what, seconds: (now - start).seconds))".utf8))
    }

    static func text(_ done: Int64, _ total: Int64, _ what: String, seconds: Double) -> String {
        let share = min(1, Double(done) / Double(total))
        let width = 30
        let full = Int(share * Double(width))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        let left = share > 0.01 ? ", \(Int((seconds / share * (1 - share)).rounded(.up))) s left" : ""
        return "[\(bar)] \(Int(share * 100)) %  \(done) of \(total) \(what)\(done < total ? left : "")      "
    }

    /// Clears the line.
    func end() {
        guard isShown, last != nil else { return }
        FileHandle.standardError.write(Data("\r\(String(repeating: " ", count: 100))\r".utf8))
    }
}

struct VerifyLedger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the whole ledger; name the first altered entry and exit 1 when there is one.",
        discussion: """
            Then the tables of reports, orders, attempts and so on are held against the entries: rows that are not what \
            the entries say are named too. --entries-only leaves that out.

            With --resume FILE a verification that was broken off goes on at the last checkpoint that it found right, if \
            the ledger still has that. It then proves the entries from there on; the earlier ones it does not read again.
            """)

    @OptionGroup var data: DataOption

    @Option(help: "A public key of the ledger that was noted elsewhere: it must be one of this ledger's.")
    var key: String?

    @Option(help: "Keep in this file how far it came, and go on from there.")
    var resume: String?

    @Flag(help: "Verify the entries alone, and not whether the tables hold what they say.")
    var entriesOnly = false

    func run() async throws {
        let store = try openForReading(data.data)
        var request = VerificationRequest()
        do {
            request.trusted = try key.map { try VerifierKey(parsing: $0) }
        } catch {
            throw CleanExit.failure("\(error)")
        }
        request.position = resume.flatMap(Self.position)
        let (result, facts) = try store.readNow { reader in
            let line = ProgressLine("entries")
            defer { line.end() }
            let result = try reader.verifyLedger(
                request, progress: { line.show($0, of: $1) },
                onPosition: { position in
                    guard let resume else { return }
                    try? Data(position.json.canonicalBytes).write(to: URL(fileURLWithPath: resume), options: .atomic)
                })
            line.end()
            // What the entries say is of use only where they are what was written.
            guard result.isWhole, !entriesOnly else { return (result, FactsVerification?.none) }
            let further = ProgressLine("entries held against the facts")
            defer { further.end() }
            return (result, try reader.verifyFacts { further.show($0, of: $1) })
        }
        if let fault = result.fault {
            print("The ledger is NOT whole. First altered entry: \(fault.index). \(fault.reason).")
            throw ExitCode(1)
        }
        Self.report(result, asked: resume, trusted: key != nil)
        if let facts { try Self.report(facts) }
    }

    private static func report(_ facts: FactsVerification) throws {
        for (table, rows) in facts.uncovered.sorted(by: { $0.key < $1.key }) {
            print("Not covered, their entries being of an earlier version: \(rows) rows of \(table)")
        }
        guard !facts.isWhole else {
            return print("The facts are what the entries say: \(facts.rows) rows")
        }
        print("The facts are NOT what the entries say:")
        for fault in facts.faults { print("  \(fault)") }
        if facts.faults.count == FactsVerification.faultsMax { print("  and perhaps more") }
        throw ExitCode(1)
    }

    private static func position(_ path: String) -> VerificationPosition? {
        guard let bytes = FileManager.default.contents(atPath: path),
            let json = try? JSON(parsing: Array(bytes), limits: JSONLimits(bytesMax: 64 << 20))
        else { return nil }
        return VerificationPosition(json)
    }

    private static func report(_ result: Verification, asked: String?, trusted: Bool) {
        print("The ledger is whole: \(result.entries) entries, root \(result.root ?? "")")
        if result.from > 0 {
            print(
                "Read from entry \(result.from) on: those before were right when \(asked ?? "") was written, and were not "
                    + "read again")
        } else if asked != nil {
            print("Read from the first entry on")
        }
        if result.checkpoints + result.keys.links.count > 0 {
            print("\(result.checkpoints) signed checkpoints, \(result.cosignatures) signatures of witnesses")
        }
        if result.withheld > 0 { print("\(result.withheld) values are withheld: they were erased, as entries say") }
        guard let first = result.keys.links.first else { return }
        if !trusted {
            print("Signed by \(first.key)\nCompare that key with the one that was noted, or give it with --key")
        }
        for link in result.keys.links.dropFirst() {
            print(
                "From entry \(link.index) on by \(link.key)\(link.isVouchedFor ? "" : " (NOT vouched for by the one before)")"
            )
        }
    }
}

struct ProveEntry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Write a proof file (.tlog-proof) for each entry about something.",
        discussion:
            "A proof holds the entry, the hashes to the root and the signed checkpoint: verify-bundle needs no more.")

    @Argument(help: "The number of an entry, the reference of an order, the id of a report or of a detection (ID#0).")
    var id: String

    @Option(name: .shortAndLong, help: "The folder for the files.")
    var out = "."

    @OptionGroup var data: DataOption

    func run() async throws {
        let store = try openForReading(data.data)
        do {
            let proofs = try store.readNow { reader in
                try reader.ledgerIndices(meantBy: id).map { try reader.logProof(of: $0) }
            }
            guard !proofs.isEmpty else { throw CleanExit.failure("the ledger has nothing about \(id)") }
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
            for proof in proofs {
                let path = "\(out)/\(proof.index).tlog-proof"
                try Data(proof.description.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
                print(path)
            }
        } catch let error as TransparencyError {
            throw CleanExit.failure("\(error)")
        }
    }
}

struct WriteTiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tiles", abstract: "Write the whole log into a folder, for tools that read c2sp.org/tlog-tiles.",
        discussion: "Again with the same folder it adds what is new.")

    @Argument(help: "The folder.")
    var folder: String

    @OptionGroup var data: DataOption

    func run() async throws {
        let store = try openForReading(data.data)
        let line = ProgressLine("files")
        do {
            let (checkpoint, written) = try store.readNow { reader in
                try TileFolder(folder).update(from: reader) { line.show(Int64($0), of: Int64($1)) }
            }
            line.end()
            print("\(folder): \(checkpoint.origin), \(checkpoint.size) entries, \(written) files written")
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }
}

struct VerifyBundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-bundle",
        abstract: "Verify a package, a proof file, or a folder of tiles, with nothing but keys.",
        discussion: "Names the first thing that is not right, and exits 1 when there is one.")

    @Argument(
        help: "A package (.zip), a .tlog-proof file, or a folder that `andon ledger tiles` wrote. Several may be given."
    )
    var paths: [String]

    @OptionGroup var keys: KeyOptions

    func run() async throws {
        let (log, witnesses) = try keys.keys()
        guard let trusted = log.first else { throw CleanExit.failure("give the log's public key with --key") }
        var isRight = true
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw CleanExit.failure("\(path) is not there")
            }
            if path.hasSuffix(".zip") {
                isRight = try Self.check(package: path, log, witnesses, needed: keys.witnesses) && isRight
                continue
            }
            let line = ProgressLine("entries")
            let result =
                try isFolder.boolValue
                ? TileFolder(path).verify(trusted: trusted, witnesses: witnesses) { line.show($0, of: $1) }
                : ProofFile.verify(Self.text(path), name: path, keys: log, witnesses: witnesses)
            line.end()
            isRight = Self.report(result, path, needed: keys.witnesses) && isRight
        }
        if !isRight { throw ExitCode(1) }
    }

    private static func check(
        package path: String, _ keys: [VerifierKey], _ witnesses: [VerifierKey], needed: Int
    ) throws -> Bool {
        do {
            let result = try PackageVerifier.verify(path, keys: keys, witnesses: witnesses)
            guard result.witnesses.count >= needed else {
                print("\(path) does NOT hold: \(result.witnesses.count) witnesses signed, and \(needed) should have.")
                return false
            }
            let others = result.witnesses.isEmpty ? "" : ", witnessed by \(result.witnesses.joined(separator: ", "))"
            print(
                "\(path) holds: \(result.files) files, \(result.records) records (\(result.complete) complete), "
                    + "\(result.entries) entries of the ledger \(result.origin) with \(result.size) entries, "
                    + "\(result.openings) values that they commit to, \(result.signatures) signatures of people\(others)"
            )
            if !result.unchecked.isEmpty {
                print("not checked, for want of the key: the signature of \(result.unchecked.joined(separator: ", "))")
            }
            return true
        } catch let fault as PackageFault {
            print("\(path) does NOT hold: \(fault).")
            return false
        }
    }

    private static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else { throw CleanExit.failure("\(path) is not a UTF-8 text") }
        return text
    }

    private static func report(_ result: BundleVerification, _ path: String, needed: Int) -> Bool {
        if let fault = result.fault {
            let entry = fault.entry.map { ", entry \($0)" } ?? ""
            print("\(path) does NOT hold: \(fault.file == path ? "" : fault.file)\(entry): \(fault.reason).")
            return false
        }
        guard let checkpoint = result.checkpoint else { return false }
        let names = result.witnesses.map(\.key.name).joined(separator: ", ")
        guard result.witnesses.count >= needed else {
            print("\(path) does NOT hold: \(result.witnesses.count) witnesses signed, and \(needed) should have.")
            return false
        }
        print(
            "\(path) holds: \(checkpoint.origin), \(checkpoint.size) entries, root \(Hex.text(checkpoint.root))"
                + (names.isEmpty ? "" : ", witnessed by \(names)"))
        return true
    }
}
