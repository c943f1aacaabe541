import AndonConfiguration
import AndonLedger
import AndonModel
import AndonTransparency
import Foundation
import Logging
import ServiceLifecycle

/// Keeps the record signed while the server runs: checkpoints, what witnesses say of them, and time stamps.
struct LedgerKeeping: Sendable {
    let signer: LedgerSigner
    /// The log's name as it began.
    let origin: String
    /// Nil where this server is nobody's witness.
    let witness: Witness?
    let settings: LedgerSettings
    let wire: any Wire
    let logger: Logger

    private var store: Store { signer.store }

    init(
        store: Store, settings: LedgerSettings, plant: Plant, accepting acceptance: LedgerSigner.Acceptance?,
        wire: any Wire, logger: Logger
    ) async throws {
        let fallback = Self.origin(of: plant)
        signer = try await LedgerSigner.open(
            store,
            .init(origin: settings.origin, fallbackOrigin: fallback, copy: settings.checkpointCopy),
            accepting: acceptance)
        origin = settings.origin ?? fallback
        let name = "\(origin)/witness"
        witness = try settings.witnessOf.isEmpty ? nil : Witness(store, name: name, logs: settings.witnessOf)
        self.settings = settings
        self.wire = wire
        self.logger = logger
        if settings.checkpointCopy == nil {
            logger.warning(
                "ledger.checkpointCopy is not set: a data folder that was put back to an earlier state is not noticed")
        }
    }

    /// `andon/` and the plant's site, or its name, in small letters, digits and hyphens.
    static func origin(of plant: Plant) -> String {
        let text = plant.site ?? plant.name
        let plain = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(plain).split(separator: "-").joined(separator: "-")
        return "andon/\(words.isEmpty ? "plant" : words)"
    }

    /// Until cancelled.
    func run() async {
        var nextStamp = store.time.uptime()
        repeat {
            await attempt("ledger-checkpoint", "the ledger could not be signed") { try await signer.checkpoint() }
            await askWitnesses()
            if let authority = settings.timestamps, store.time.uptime() >= nextStamp {
                nextStamp = store.time.uptime() + authority.every
                await attempt("ledger-timestamp", "the time stamping authority gave no stamp") {
                    try await stamp(authority.url)
                }
            }
        } while (try? await store.time.sleep(for: settings.checkpointEvery)) != nil
    }

    /// The last checkpoint before the server ends.
    func end() async {
        await attempt("ledger-checkpoint", "the ledger could not be signed") { try await signer.checkpoint() }
    }

    /// An alarm stands until the same thing works again.
    private func attempt(
        _ alarm: String, of subject: String = "ledger", _ words: String, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            guard try await store.read({ try $0.isUp(alarm, subject: subject) }) else { return }
            try await store.write { try $0.clearAlarm(alarm, subject: subject) }
        } catch is CancellationError {
            return
        } catch {
            logger.error("\(words)", metadata: ["error": "\(error)"])
            try? await store.write { try $0.alarm(alarm, subject: subject, "\(words): \(error)") }
        }
    }

    // MARK: Witnesses

    private func askWitnesses() async {
        for witness in settings.witnesses {
            guard let url = witness.url else { continue }
            await attempt("ledger-witness", of: witness.key.name, "the witness \(witness.key.name) did not sign") {
                try await ask(witness.key, at: url)
            }
        }
    }

    /// Signs for the ledger as it is now, and has the witnesses sign that can be asked. One that does not answer leaves an
    /// alarm, and a checkpoint without its signature.
    func witnessed() async throws -> StoredCheckpoint {
        let own = try await signer.checkpoint()
        await askWitnesses()
        return try await store.read { reader in
            if let signed = try reader.newestCosigned(), signed.checkpoint.size >= own.checkpoint.size { return signed }
            return try reader.checkpoint(size: own.checkpoint.size, withCosignatures: true) ?? own
        }
    }

    /// Asks a witness for its signature on the newest checkpoint, unless it has given that.
    private func ask(_ key: VerifierKey, at url: String) async throws {
        let newest = try await signer.checkpoint().checkpoint.size
        let old = try await store.read { try $0.cosigned(by: key) }
        guard old < newest else { return }
        var request = try await signer.witnessRequest(old: old)
        var answer = try await post(request, to: url)
        // The witness knows better what it signed last: our copy may have come back from a backup.
        if answer.status == 409, let text = String(bytes: answer.body, encoding: .utf8),
            let size = Int64(plainDecimal: text.trimmingCharacters(in: .newlines))
        {
            request = try await signer.witnessRequest(old: size)
            answer = try await post(request, to: url)
        }
        let text = String(decoding: answer.body.prefix(20_000), as: UTF8.self)
        guard answer.status == 200 else {
            throw TransparencyError.untrue("it answers \(answer.status): \(text.cut(to: 300))")
        }
        let size = try Checkpoint(parsing: request.note.text).size
        guard try await !signer.keepCosignatures(text, size: size, witnesses: [key]).isEmpty else {
            throw TransparencyError.untrue("its answer has no signature of \(key)")
        }
    }

    private func post(_ request: WitnessRequest, to url: String) async throws -> WireResponse {
        try await wire.exchange(
            WireRequest(
                "POST", "\(url)/add-checkpoint", headers: [.init("Content-Type", "text/plain; charset=utf-8")],
                body: .bytes(Array(request.description.utf8))))
    }

    // MARK: Time stamps

    private func stamp(_ url: String) async throws {
        guard let (size, request) = try await signer.stampRequest() else { return }
        let answer = try await wire.exchange(
            WireRequest(
                "POST", url, headers: [.init("Content-Type", TimestampRequest.mediaType)],
                body: .bytes(request.bytes)))
        guard answer.status == 200 else { throw TransparencyError.untrue("it answers \(answer.status)") }
        let time = try await signer.keep(answer.body, to: request, size: size)
        logger.info("the ledger has a time stamp", metadata: ["entries": "\(size)", "time": "\(time)"])
    }
}

struct LedgerService: Service {
    let keeping: LedgerKeeping

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeping.run() }
    }
}
