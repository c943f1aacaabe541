import AndonModel
import AndonSQL
import AndonTransparency
import Foundation
import Synchronization

/// Signs the ledger: keeps its key, makes its checkpoints, and compares them with the copy outside the data folder.
public final class LedgerSigner: Sendable {
    public struct Settings: Sendable {
        /// The name of the log; that of its key, or `fallbackOrigin` for a new one, when nil.
        public var origin: String?
        public var fallbackOrigin: String
        /// Where the newest checkpoint is kept as well.
        public var copy: String?

        public init(origin: String? = nil, fallbackOrigin: String = "andon", copy: String? = nil) {
            self.origin = origin
            self.fallbackOrigin = fallbackOrigin
            self.copy = copy
        }
    }

    /// Somebody takes the data folder as it is, though it is not what it was.
    public struct Acceptance: Sendable {
        public var person: String
        public var reason: String
        /// Entries of the backup that the folder came out of, where it did: what was signed after that, nobody here knows.
        public var restored: Int64?

        /// Why the ledger is not what was signed for, where nothing outside says so.
        public var finding = "restored"

        public init(person: String, reason: String, restored: Int64? = nil) {
            (self.person, self.reason, self.restored) = (person, reason, restored)
        }
    }

    public let store: Store
    private let file: KeyFile
    private let next: KeyFile
    private let copy: OutsideCopy?
    /// By vkey: while a rotation is under way there are two.
    private let keys: Mutex<[String: SigningKey]>
    /// Entries of the checkpoint outside.
    private let copied = Mutex<Int64>(-1)

    /// Opens the ledger for signing, making its key at the first start.
    ///
    /// - Parameter acceptance: goes on although the checkpoint outside or the key says that the data folder is not what it
    ///   was; recorded. Nothing when all is well.
    /// - Throws: `LedgerKeyError`, `LedgerHistoryError`.
    public static func open(
        _ store: Store, _ settings: Settings, accepting acceptance: Acceptance? = nil
    ) async throws -> LedgerSigner {
        let file = KeyFile(store.folder + "/ledger.key")
        let next = KeyFile(file.path + ".next")
        let chain = try await store.read { try $0.keyChain() }
        try finishRotation(next, file, chain, isShared: store.isShared)
        let signer: LedgerSigner
        if let inForce = chain.links.last?.key, !file.exists {
            guard acceptance != nil else { throw LedgerKeyError.lost(file.path, vkey: "\(inForce)") }
            signer = LedgerSigner(store, file, next, settings, key: nil)
        } else {
            let key = try readOrMake(file, settings, chain, store.random)
            signer = LedgerSigner(store, file, next, settings, key: key)
        }
        try await signer.begin(acceptance, isKeyLost: signer.keys.withLock { $0.isEmpty })
        return signer
    }

    private init(_ store: Store, _ file: KeyFile, _ next: KeyFile, _ settings: Settings, key: SigningKey?) {
        self.store = store
        self.file = file
        self.next = next
        copy = settings.copy.map { OutsideCopy(path: $0) }
        keys = Mutex(key.map { ["\($0.verifier)": $0] } ?? [:])
    }

    /// A rotation that an end of the process interrupted has happened when its entry is there, and has not otherwise.
    private static func finishRotation(_ next: KeyFile, _ file: KeyFile, _ chain: KeyChain, isShared: Bool) throws {
        guard next.exists else { return }
        let key = try next.read()
        if chain.links.last?.key == key.verifier {
            try next.replace(file)
        } else if !isShared {
            // Where servers share the folder, another one may be about to put it in force.
            try next.remove()
        }
    }

    private static func readOrMake(
        _ file: KeyFile, _ settings: Settings, _ chain: KeyChain, _ random: any RandomSource
    ) throws -> SigningKey {
        guard file.exists else {
            return try file.make(
                name: settings.origin ?? settings.fallbackOrigin, algorithm: .ed25519, random: random)
        }
        let key = try file.read()
        if let origin = settings.origin, LogName.base(key.verifier.name) != LogName.base(origin) {
            throw LedgerKeyError.otherOrigin(file.path, configured: origin, key: key.verifier.name)
        }
        if let inForce = chain.links.last?.key, inForce != key.verifier {
            throw LedgerKeyError.otherKey(file.path, found: "\(key.verifier)", inForce: "\(inForce)")
        }
        return key
    }

    /// Compares with the copy outside, records the first key, and signs for what is there.
    private func begin(_ acceptance: Acceptance?, isKeyLost: Bool) async throws {
        var finding: LedgerHistoryError?
        var outside: (note: SignedNote, checkpoint: Checkpoint)?
        do {
            outside = try copy?.read()
            if let copy, let found = outside {
                finding = try await store.read { try copy.contradiction(found.note, found.checkpoint, $0) }
            }
        } catch let error as LedgerHistoryError {
            finding = error
        }
        let isForgotten = try await isWithoutNewKey(since: acceptance?.restored)
        if finding != nil || isKeyLost || isForgotten {
            guard let acceptance else { throw finding ?? .unreadableCopy("", "") }
            try await restart(acceptance, finding, outside?.note)
        } else {
            try await recordFirstKey()
        }
        try await checkpoint()
    }

    /// Whether the key in force is one that was so in the backup: it may have signed for another history since.
    ///
    /// - Parameter restored: entries of the backup; nil where there was none.
    private func isWithoutNewKey(since restored: Int64?) async throws -> Bool {
        guard let restored else { return false }
        let last = try await store.read { try $0.row("SELECT MAX(idx) AS idx FROM ledger_key")?["idx"] as Int64? }
        return last.map { $0 < restored } ?? false
    }

    private func recordFirstKey() async throws {
        guard let key = keys.withLock({ $0.values.first?.verifier }) else { return }
        try await store.write { transaction in
            guard try transaction.reader.count("SELECT COUNT(*) FROM ledger_key") == 0 else { return }
            let index = try transaction.record(KeyChain.Kind.first, of: "ledger", ["vkey": .string("\(key)")])
            try transaction.run("INSERT INTO ledger_key (idx, vkey) VALUES (?, ?)", [index, "\(key)"])
        }
    }

    // MARK: Checkpoints

    /// The public keys, the newest last.
    public func chain() async throws -> KeyChain { try await store.read { try $0.keyChain() } }

    /// Signs for the ledger as it is now and keeps the checkpoint, here and outside; the newest one when nothing was added.
    @discardableResult
    public func checkpoint() async throws -> StoredCheckpoint {
        let made = try await store.write { transaction in
            try transaction.makeCheckpoint(try self.keyInForce(transaction.reader))
        }
        try copyOutside(made)
        return made
    }

    private func keyInForce(_ reader: Reader) throws -> SigningKey {
        let vkey: String? = try reader.row("SELECT vkey FROM ledger_key ORDER BY idx DESC LIMIT 1")?["vkey"]
        guard let vkey, let key = keys.withLock({ $0[vkey] }) ?? changedByOthers(vkey) else {
            throw StoreError.inconsistent("the ledger's key in force is not at hand")
        }
        return key
    }

    /// Another server of the store has put a new key in force: it lies in the folder that they share.
    private func changedByOthers(_ vkey: String) -> SigningKey? {
        guard store.isShared else { return nil }
        for file in [file, next] {
            guard let key = try? file.read(), "\(key.verifier)" == vkey else { continue }
            keys.withLock { $0[vkey] = key }
            return key
        }
        return nil
    }

    private func copyOutside(_ made: StoredCheckpoint) throws {
        guard let copy else { return }
        try copied.withLock { size in
            guard made.checkpoint.size > size else { return }
            try copy.write(made.note)
            size = made.checkpoint.size
        }
    }

    /// Signs a text that is no checkpoint, such as a package's manifest. Its first line should say what it is.
    public func sign(_ text: String) async throws -> SignedNote {
        let key = try await store.read { try self.keyInForce($0) }
        return try SignedNote(text: text, signatures: [key.sign(text)])
    }

    // MARK: Keys

    /// Puts a new key in force. The entry that says so is signed for by the key before; checkpoints that have the entry
    /// are signed by the new one. The old key is gone when this returns.
    public func rotate(by person: String, reason: String) async throws -> VerifierKey {
        let new = try makeNext(name: nil)
        do {
            try await store.write { transaction in
                let old = try self.keyInForce(transaction.reader)
                // What the old key can still sign for, it signs for now.
                try transaction.putInForce(
                    new.verifier, signedBy: old, kind: KeyChain.Kind.rotated, ["reason": .string(reason)], by: person)
            }
        } catch {
            // The file goes only when the entry cannot be there: after a failed commit nobody knows.
            if store.failure == nil { try? next.remove() }
            throw error
        }
        try next.replace(file)
        keys.withLock { $0 = ["\(new.verifier)": new] }
        try await checkpoint()
        return new.verifier
    }

    private func makeNext(name: String?) throws -> SigningKey {
        let current = keys.withLock { $0.values.first?.verifier.name }
        guard let name = name ?? current else { throw StoreError.inconsistent("the ledger has no name") }
        if next.exists { try next.remove() }
        let new = try next.make(name: name, algorithm: .ed25519, random: store.random)
        keys.withLock { $0["\(new.verifier)"] = new }
        return new
    }

    /// Goes on with a ledger that contradicts what was signed before: as a new log, because no log ever signs two
    /// histories under one name.
    private func restart(
        _ acceptance: Acceptance, _ finding: LedgerHistoryError?, _ outside: SignedNote?
    ) async throws {
        let names = try await store.read { try $0.keyChain().links.map(\.key.name) }
        let foreign = outside.flatMap { try? Checkpoint(parsing: $0.text).origin }
        if names.isEmpty { try await recordFirstKey() }
        let current = keys.withLock { $0.values.first?.verifier.name }
        let known = names + [foreign, current].compactMap { $0 }
        let new = try makeNext(name: LogName.next(after: known))
        try await store.write { transaction in
            let old = try? self.keyInForce(transaction.reader)
            // What was done since the time that this store is of, its CMMS has.
            _ = try transaction.doubtEarlierOrders("\(new.verifier)")
            try transaction.putInForce(
                new.verifier, signedBy: old, kind: KeyChain.Kind.restarted,
                .object(present: [
                    "reason": .string(acceptance.reason),
                    "finding": .string(finding?.word ?? (acceptance.restored == nil ? "key-lost" : acceptance.finding)),
                    "checkpointOutside": outside.map { .string($0.description) },
                ]), by: acceptance.person)
        }
        try next.replace(file)
        keys.withLock { $0 = ["\(new.verifier)": new] }
        if let copy, FileManager.default.fileExists(atPath: copy.path) {
            let size = try await store.read { try $0.ledgerSize() }
            try copy.setAside(size: size)
        }
    }
}

extension LedgerHistoryError {
    fileprivate var word: String {
        switch self {
        case .rollback: "rollback"
        case .fork: "fork"
        case .foreign: "other-log"
        case .unreadableCopy: "copy-unreadable"
        }
    }
}

/// Names of a log that was begun anew: `plant`, `plant/2`, `plant/3`.
enum LogName {
    static func base(_ name: String) -> String {
        guard let slash = name.lastIndex(of: "/"), let number = Int(name[name.index(after: slash)...]), number > 1
        else {
            return name
        }
        return String(name[..<slash])
    }

    /// One that none of the known names is.
    static func next(after names: [String]) -> String {
        let stem = names.last.map(base) ?? "andon"
        let numbers = names.filter { base($0) == stem }.map { name in
            Int(name.dropFirst(stem.count + 1)) ?? 1
        }
        return "\(stem)/\((numbers.max() ?? 1) + 1)"
    }
}

extension Transaction {
    fileprivate func putInForce(
        _ new: VerifierKey, signedBy old: SigningKey?, kind: String, _ further: JSON, by person: String
    ) throws {
        let index = tree.size
        var body = further.object ?? [:]
        body["vkey"] = .string("\(new)")
        body["by"] = .string(person)
        if let old {
            let text = KeyChain.handover(at: index, from: old.verifier, to: new)
            body["handover"] = .string(
                try SignedNote(text: text, signatures: [old.sign(text)]).description)
        }
        try record(kind, of: "ledger", .object(body), names: ["/by"])
        try run("INSERT INTO ledger_key (idx, vkey) VALUES (?, ?)", [index, "\(new)"])
    }
}
