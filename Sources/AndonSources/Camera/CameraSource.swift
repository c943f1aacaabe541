import AndonCapture
import AndonInference
import AndonLedger
import AndonModel
import AndonVision
import Logging

/// Takes frames from one camera, has a model look at them, and brings what it finds to the intake.
///
/// Each frame ends once: reported, counted as good, or dropped for a stated reason (``FrameTally``). Nothing is ever said of a
/// frame that no model looked at.
public actor CameraSource {
    public nonisolated let name: String
    public nonisolated let settings: CameraSettings
    public nonisolated let board: CameraBoard
    nonisolated let source: any FrameSource
    nonisolated let intake: any SourceIntake
    nonisolated let journal: SourceJournal
    nonisolated let environment: CameraEnvironment
    nonisolated let report: CameraReport
    /// Between capture and model; nil where the source waits for each frame, so that nothing is dropped.
    private nonisolated let slot: FrameSlot?
    private nonisolated let turn = Turn()
    nonisolated let evidence: EvidenceRing
    nonisolated let models = ModelSlot()
    nonisolated let decoder = PixelDecoder()

    /// What the model in force wants to see.
    var colour = Pixels.Colour.rgb
    var shadow: ShadowRun?
    var health: CameraHealth
    var good: GoodFrames
    var slow: SlowWatch
    /// Alarms as they were written last; nil before the first time, as an earlier process may have left one.
    var alarms: [String: Bool] = [:]
    /// Troubles of the camera whose report was not durable yet, and the frame that goes with it.
    var untold: [(document: JSON, picture: SourcePicture)] = []
    /// Sender's ids of frames that ended, newest last.
    private var seen = RecentNames()
    /// Calls without an answer since the last one with an answer.
    var failures = 0
    var awaySince: Duration?
    var triedModelAt: Duration?
    private(set) var isStopping = false

    public init(
        name: String, settings: CameraSettings, source: any FrameSource, store: Store, intake: any SourceIntake,
        environment: CameraEnvironment
    ) {
        (self.name, self.settings, self.source) = (name, settings, source)
        (self.intake, self.environment) = (intake, environment)
        let now = environment.time.now()
        journal = SourceJournal(store: store, source: name)
        slot = source.keepsWaiting ? nil : FrameSlot(policy: settings.drop)
        board = CameraBoard(at: now, slot: slot)
        report = CameraReport(
            source: name, camera: settings.camera, zone: settings.zone, healthAsset: settings.healthAsset,
            severity: settings.severity, defectsMax: environment.defectsMax)
        health = CameraHealth(settings.health)
        evidence = EvidenceRing(settings.evidence)
        good = GoodFrames(source: name, camera: settings.camera, every: settings.goodEvery, begunAt: now)
        slow = SlowWatch(limit: settings.latencyMax)
    }

    /// What frames are pushed to; nil where they are fetched.
    public nonisolated var pushed: PushedFrames? { source as? PushedFrames }

    nonisolated var now: Timestamp { environment.time.now() }
    nonisolated var uptime: Duration { environment.time.uptime() }

    /// Until it is cancelled, or the source has come to its end. Frames that are here by then are looked at first, and what was
    /// counted is brought.
    public func run() async {
        awaySince = uptime
        await recallScene()
        await takeUpModel()
        let beat = Task { await self.beat() }
        let looking = Task { await self.lookAtAll() }
        await withTaskCancellationHandler {
            await capture()
        } onCancel: {
            Task { await self.stop() }
        }
        slot?.end()
        await looking.value
        beat.cancel()
        await beat.value
        // The task may be cancelled by now, and this must not be.
        await Task { await self.leave() }.value
        board.enter(.stopped, at: now)
    }

    private func stop() { isStopping = true }

    private func leave() async {
        isStopping = true
        evidence.expire(at: nil)
        await keepEvidence()
        await bringCounts(isLast: true)
        await models.swap(to: nil)
        await shadow?.close()
    }

    // MARK: Capture

    private func capture() async {
        let supervisor = CaptureSupervisor(source: source, time: environment.time, random: environment.random)
        await supervisor.run(
            report: { await self.note($0) }, deliver: { await self.deliver($0) })
    }

    private func note(_ event: CaptureEvent) {
        switch event {
        case .connected:
            awaySince = nil
            board.enter(.connected, at: now)
        case .lost(let reason):
            awaySince = awaySince ?? uptime
            board.enter(.waiting, at: now, "\(reason)")
            log(.warning, "the camera is not followed at present", "\(reason)")
        case .waiting: board.enter(.waiting, at: now)
        }
    }

    private nonisolated func deliver(_ frame: Frame) async {
        board.arrived(frame)
        evidence.arrived(frame)
        if let slot {
            await slot.offer(frame)
            return
        }
        // A frame that was begun is brought to its end, whatever becomes of the one who waits for it.
        await Task { await turn.pass { await self.pass(frame) } }.value
    }

    private func lookAtAll() async {
        while let frame = await slot?.next() { await pass(frame) }
    }

    // MARK: One frame

    func pass(_ frame: Frame) async {
        await keepEvidence()
        let end = await end(of: frame)
        let total = age(of: frame)
        if end == .reported || end == .good {
            if let id = frame.note.id { seen.add(id) }
            board.took(.total, total)
            if total > settings.latencyMax { board.update { $0.framesLate += 1 } }
        }
        board.ended(end)
    }

    /// From capture to now. The capture's stamp counts where it is of the moment itself; the time of a file says nothing.
    private func age(of frame: Frame) -> Duration {
        frame.clock == .trigger ? max(now - frame.capturedAt, .zero) : uptime - frame.arrivedAt
    }

    private func end(of frame: Frame) async -> FrameTally.End {
        if let id = frame.note.id, seen.has(id) { return .dropped(.repeated) }
        if slot != nil, uptime - frame.arrivedAt > settings.staleAfter { return .dropped(.stale) }
        let begin = uptime
        guard let pixels = decode(frame) else { return .dropped(.undecodable) }
        let decode = uptime - begin
        board.took(.decode, decode)
        await watch(pixels, frame)
        switch await verdict(pixels) {
        case .failure(let missed): return .dropped(missed.reason)
        case .success(let looked):
            shadow?.compare(looked.verdict, pixels, board)
            guard !looked.verdict.findings.isEmpty else {
                good.add(frame, at: uptime)
                board.update { [good] in $0.goodPending = good.pending }
                return .good
            }
            let passage = CameraReport.Passage(
                decode: decode, model: looked.times, total: uptime - frame.arrivedAt,
                dropped: board.tally.droppedInAll)
            let document = report.document(
                frame, looked.verdict, size: (pixels.width, pixels.height), by: looked.model, passage)
            return await bring(document, frame)
        }
    }

    private func decode(_ frame: Frame) -> Pixels? {
        do throws(CaptureError) {
            return try decoder.decode(
                frame.picture, as: colour, pixelsMax: environment.pixelsMax)
        } catch {
            log(.warning, "a frame cannot be decoded", "\(error)")
            board.update { $0.lastError = "\(error)".cut(to: 500).asOneLine }
            return nil
        }
    }

    // MARK: Bringing

    private func bring(_ document: JSON, _ frame: Frame) async -> FrameTally.End {
        // Taken now: by the time that the report is durable they may have gone.
        let before = evidence.before(frame)
        repeat {
            do {
                switch try await intake.take(document, picture: .bytes(frame.picture.bytes)) {
                case .accepted:
                    await keep(before, around: frame)
                    return .reported
                case .repeated: return .dropped(.repeated)
                case .refused(let problem):
                    try await refuse(document, problem)
                    return .dropped(.reportRefused)
                }
            } catch {
                log(.error, "a report is not durable", "\(error)")
                board.update { $0.lastError = "\(error)".cut(to: 500).asOneLine }
                guard triesAgain, !isStopping, await pause() else { return .dropped(.noRoom) }
            }
        } while true
    }

    private func refuse(_ document: JSON, _ problem: Problem) async throws {
        let fault = problem.errors.first
        try await journal.keep(
            SourceRefusal(
                event: document["id"]?.string ?? "", at: now, place: fault?.pointer ?? "",
                reason: "\(problem.title): \(fault?.detail ?? problem.detail)", fields: document))
    }

    /// Before the next attempt of what a source waits for.
    func pause() async -> Bool { (try? await environment.time.sleep(for: .seconds(1))) != nil && !isStopping }

    nonisolated func log(_ level: Logger.Level, _ words: String, _ error: String? = nil) {
        var metadata: Logger.Metadata = ["source": "\(name)"]
        if let error { metadata["error"] = "\(error)" }
        environment.logger.log(level: level, "\(words)", metadata: metadata)
    }
}

/// One at a time, in the order of their coming.
private actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass(_ body: @Sendable () async -> Void) async {
        if isTaken {
            await withCheckedContinuation { waiting.append($0) }
        }
        isTaken = true
        await body()
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}

/// The newest names, as many as memory should hold.
private struct RecentNames {
    private var names: Set<String> = []
    private var order: [String] = []
    private var oldest = 0
    private static let max = 10_000

    func has(_ name: String) -> Bool { names.contains(name) }

    mutating func add(_ name: String) {
        guard names.insert(name).inserted else { return }
        if order.count < Self.max {
            order.append(name)
        } else {
            names.remove(order[oldest])
            order[oldest] = name
            oldest = (oldest + 1) % Self.max
        }
    }
}
