import AndonLedger
import AndonModel
import Foundation
import Logging
import Synchronization

/// Sends what the ledger of this site's server holds to the server above, in its order, beside everything else that the server
/// does: nothing waits for it, and its queue is the ledger itself.
///
/// The server above says how far it has the ledger, and nobody else is believed about that: whichever side lost its last
/// steps, the next batch begins where the receiver stands.
public final class Forwarder: Sendable {
    public let settings: UpstreamSettings
    private let store: Store
    private let client: UpstreamClient
    private let time: any TimeSource
    private let random: any RandomSource
    private let picture: @Sendable (Picture) async throws -> String
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var standing: ForwardStanding
        /// What the server above said last; nil where it has to be asked.
        var known: SitePosition?
        /// Asked-for pictures that are not kept here.
        var gone: [String] = []
        var lastContact: Timestamp?
    }

    /// Bytes of a picture in one request.
    static let pieceBytes = 128 << 10
    /// Pictures' bytes that go between two batches: facts come first.
    private static let picturesBetween = 4 << 20

    /// - Parameter picture: the path of a file with a picture's bytes; there is none where they are nowhere.
    public init(
        _ settings: UpstreamSettings, store: Store, wire: any Wire, random: any RandomSource,
        picture: @escaping @Sendable (Picture) async throws -> String, logger: Logger
    ) {
        self.settings = settings
        self.store = store
        client = UpstreamClient(settings: settings, wire: wire)
        time = store.time
        self.random = random
        self.picture = picture
        self.logger = logger
        state = Mutex(State(standing: ForwardStanding(site: settings.site, url: settings.url)))
    }

    public var standing: ForwardStanding { state.withLock(\.standing) }

    /// Until cancelled.
    ///
    /// - Parameter isOnDuty: whether this server does what one of those that share the store should do. Should two of them
    ///   forward for a moment, the server above takes each entry once all the same.
    public func run(isOnDuty: @Sendable () -> Bool = { true }) async {
        var failures = 0
        repeat {
            guard isOnDuty() else {
                // Where the server above stands has been moved by another one meanwhile.
                state.withLock { $0.known = nil }
                if (try? await time.sleep(for: max(settings.every, .seconds(1)))) == nil { return }
                continue
            }
            let hasMore = await attempt(&failures)
            await watch()
            let wait =
                failures > 0
                ? delay(failures) : hasMore ? .zero : settings.every
            if wait > .zero, (try? await time.sleep(for: wait)) == nil { return }
        } while !Task.isCancelled
    }

    /// A round; after one that failed, where the server above stands is asked anew.
    func attempt(_ failures: inout Int) async -> Bool {
        do {
            let hasMore = try await round()
            if failures > 0 { logger.notice("the server above takes the site's records again") }
            failures = 0
            return hasMore
        } catch is CancellationError {
            return false
        } catch {
            failures += 1
            failed(error, isFirst: failures == 1)
            return false
        }
    }

    /// With jitter, so that sites that lost their server at once do not come back at once; half of the time at least.
    private func delay(_ failures: Int) -> Duration {
        let ceiling = min(settings.retryCap, .seconds(1) * (1 << min(failures - 1, 20)))
        return .microseconds(Int64(Double(ceiling.microseconds) * (0.5 + random.unit() / 2)))
    }

    private func failed(_ error: any Error, isFirst: Bool) {
        let isRefused: Bool =
            switch error {
            case is ForkedHistory: true
            case ForwardError.refused: true
            default: false
            }
        state.withLock { state in
            state.known = nil
            state.standing.isConnected = false
            state.standing.isRefused = isRefused
            state.standing.lastError = "\(error)"
        }
        if isFirst || isRefused {
            logger.log(
                level: isRefused ? .error : .warning, "nothing is forwarded to the server above",
                metadata: ["url": "\(settings.url)", "error": "\(error)"])
        }
    }

    // MARK: One round

    /// One batch, and some pictures.
    ///
    /// - Returns: whether there is more to do at once.
    func round() async throws -> Bool {
        var known: SitePosition
        if let last = state.withLock(\.known) {
            known = last
        } else {
            known = try await client.position()
            try await note(known)
        }
        let gone = state.withLock(\.gone)
        let now = time.now()
        let batch: SiteBatch
        do {
            batch = try await store.read { [known, settings] reader in
                try BatchMaker(site: settings.site, pictures: settings.pictures)
                    .batch(from: known.position, root: known.root, gone: gone, at: now, reader)
            }
        } catch let fork as ForkedHistory {
            try? await tell(fork, known)
            throw fork
        }
        let isDue = state.withLock { state in
            state.lastContact.map { time.now() - $0 >= settings.heartbeat } ?? true
        }
        if batch.next > batch.first || !gone.isEmpty || isDue {
            let document = batch.document.canonicalBytes
            known = try await client.send(document)
            count(batch, document.count)
            try await note(known)
        }
        let sent = try await sendPictures(known.wanted)
        return batch.next < batch.ledger.size || sent
    }

    /// The server above hears of a ledger that does not continue what it has, so that its people see it too: a batch of the
    /// ledger as it is, which it refuses.
    private func tell(_ fork: ForkedHistory, _ known: SitePosition) async throws {
        let now = time.now()
        let batch = try await store.read { [settings] reader in
            let size = try reader.ledgerSize()
            return try BatchMaker(site: settings.site, pictures: .none, entriesMax: 0)
                .batch(from: min(known.position, size), root: nil, gone: [], at: now, reader)
        }
        _ = try await client.send(batch.document.canonicalBytes)
    }

    private func count(_ batch: SiteBatch, _ bytes: Int) {
        state.withLock { state in
            if batch.next > batch.first { state.standing.batches += 1 }
            state.standing.items += batch.items.count
            state.standing.bytes += bytes
            state.gone = []
        }
    }

    private func note(_ known: SitePosition) async throws {
        let before = try await store.read { try $0.forwardPosition() }
        if before.acknowledged != known.position || before.picturesTo != known.picturesTo || before.contactAt == nil {
            try await store.write { try $0.forwarded(to: known.position, picturesTo: known.picturesTo) }
        }
        let now = time.now()
        state.withLock { state in
            state.known = known
            state.lastContact = now
            state.standing.isConnected = true
            state.standing.isRefused = false
            state.standing.lastError = nil
        }
    }

    // MARK: Pictures

    /// - Returns: whether any went.
    private func sendPictures(_ wanted: [SitePosition.Wanted]) async throws -> Bool {
        var bytes = 0
        var hasSent = false
        for picture in wanted {
            guard bytes < Self.picturesBetween else { break }
            bytes += try await send(picture)
            hasSent = true
        }
        // Which ones it lacks now, only it knows.
        if hasSent { try await note(try await client.position()) }
        return hasSent
    }

    /// - Returns: the bytes that went.
    private func send(_ wanted: SitePosition.Wanted) async throws -> Int {
        let kept = try await store.read { reader in
            try reader.isPictureKept(wanted.sha256) ? reader.picture(wanted.sha256) : nil
        }
        guard let kept, let file = FileHandle(forReadingAtPath: try await picture(kept)) else { return isGone(wanted) }
        defer { try? file.close() }
        var offset = wanted.have
        var sent = 0
        while offset < wanted.bytes {
            try file.seek(toOffset: UInt64(offset))
            guard let piece = try file.read(upToCount: Self.pieceBytes), !piece.isEmpty else { return isGone(wanted) }
            let have = try await client.send(Array(piece), at: offset, of: wanted)
            sent += piece.count
            // It may have less than it was sent, where it lost some; never more than the picture has.
            guard have > offset else { throw ForwardError.away("the picture \(wanted.sha256) does not arrive") }
            offset = have
        }
        state.withLock { [sent] state in
            state.standing.pictures += 1
            state.standing.pictureBytes += sent
        }
        return sent
    }

    private func isGone(_ wanted: SitePosition.Wanted) -> Int {
        state.withLock { state in
            if state.gone.count < SiteBatch.goneMax, !state.gone.contains(wanted.sha256) {
                state.gone.append(wanted.sha256)
            }
        }
        return 0
    }

    // MARK: Alarms

    private static let subject = "upstream"

    /// Raises the alarms of a site that is behind for too long, or refused, and takes them back.
    private func watch() async {
        let standing = standing
        do {
            let (position, isBehindUp, isRefusedUp) = try await store.read { reader in
                (
                    try reader.forwardPosition(), try reader.isUp("upstream-behind", subject: Self.subject),
                    try reader.isUp("upstream-refused", subject: Self.subject)
                )
            }
            let age = position.oldestAt.map { time.now() - $0 } ?? .zero
            let isBehind = age > settings.alarmAfter
            let (raises, clears) = (standing.isRefused && !isRefusedUp, isRefusedUp && standing.isConnected)
            guard isBehind != isBehindUp || raises || clears else { return }
            let words = standing.lastError ?? ""
            try await store.write { [settings] transaction in
                if isBehind, !isBehindUp {
                    try transaction.alarm(
                        "upstream-behind", subject: Self.subject,
                        "\(position.behind) entries wait for \(settings.url), the oldest for \(Int(age.seconds)) s: "
                            + words)
                }
                if !isBehind, isBehindUp { try transaction.clearAlarm("upstream-behind", subject: Self.subject) }
                if raises {
                    try transaction.alarm(
                        "upstream-refused", subject: Self.subject,
                        "\(settings.url) takes nothing of this site: \(words)")
                }
                if clears { try transaction.clearAlarm("upstream-refused", subject: Self.subject) }
            }
        } catch {
            logger.warning("how forwarding stands could not be written down", metadata: ["error": "\(error)"])
        }
    }
}
