import AndonCapture
import AndonLedger
import AndonModel
import AndonVision
import Logging

/// What goes on beside the frames: the camera's own trouble, counts, evidence, alarms.
extension CameraSource {
    private static let untoldMax = 16

    /// Once a second, until it is cancelled.
    func beat() async {
        while (try? await environment.time.sleep(for: .seconds(1))) != nil { await beatOnce() }
    }

    func beatOnce() async {
        let uptime = uptime
        if !waits { await tell(health.silence(at: uptime), board.newest) }
        await tellUntold()
        await bringCounts()
        evidence.expire(at: uptime)
        await keepEvidence()
        if !board.hasModel { await retryModel(at: uptime) }
        slow.look(board.now.latency[.total]?.p95, at: uptime)
        board.update { [slow] in $0.isSlow = slow.isSlow }
        await keepAlarms(at: uptime)
    }

    /// Whether the source waits for each frame; nobody expects frames of a folder or of a sender at any time.
    private nonisolated var waits: Bool { source.keepsWaiting }

    /// Files can wait for an engine or for room; a sender at the other end of a request cannot.
    nonisolated var triesAgain: Bool { waits && pushed == nil }

    // MARK: Trouble of the camera

    /// Brings what began as reports, with the frame that shows it.
    func tell(_ changes: [CameraTrouble], _ frame: Frame?) async {
        for change in changes {
            if change.isOver {
                board.update { $0.troubles[change.kind.rawValue] = nil }
                continue
            }
            board.update { $0.troubles[change.kind.rawValue] = change.why }
            log(.warning, "the camera is in trouble", "\(change.kind.rawValue): \(change.why)")
            let began = now - (uptime - change.since)
            // The oldest is not pushed out: it says when it began.
            if untold.count < Self.untoldMax {
                untold.append(
                    (
                        report.document(change, at: began, frame: frame),
                        frame.map { .bytes($0.picture.bytes) } ?? .none
                    ))
            }
        }
        if !changes.isEmpty { await tellUntold() }
    }

    private func tellUntold() async {
        let waiting = untold
        untold = []
        for (index, entry) in waiting.enumerated() {
            do {
                let taken = try await intake.take(entry.document, picture: entry.picture)
                if case .refused(let problem) = taken {
                    log(.error, "a report of the camera's trouble was refused", problem.detail)
                    board.update { $0.lastError = problem.detail.cut(to: 500).asOneLine }
                } else {
                    board.update { $0.troublesReported += 1 }
                }
            } catch {
                log(.error, "a report of the camera's trouble is not durable", "\(error)")
                untold = Array(waiting[index...]) + untold
                return
            }
        }
    }

    // MARK: Counts and evidence

    func bringCounts(isLast: Bool = false) async {
        guard let batch = good.due(at: uptime, isLast: isLast && good.waiting == nil) else { return }
        do {
            if case .refused(let problem) = try await intake.count(batch.frames, id: batch.id) {
                log(.error, "counts of good frames were refused", problem.detail)
                board.update { $0.lastError = problem.detail.cut(to: 500).asOneLine }
            }
            good.settle(batch)
            board.update { [good] in $0.goodPending = good.pending }
        } catch {
            log(.error, "counts of good frames are not durable yet", "\(error)")
            return
        }
        // What was counted while an earlier batch waited.
        if isLast { await bringCounts(isLast: true) }
    }

    func keep(_ before: [EvidenceFrame], around frame: Frame) async {
        let id = report.id(of: frame)
        evidence.follow(frame, report: id, at: uptime)
        if !before.isEmpty { await keep(.init(report: id, frames: before)) }
        await keepEvidence()
    }

    func keepEvidence() async {
        for bundle in evidence.takeDone() { await keep(bundle) }
    }

    private func keep(_ bundle: EvidenceRing.Bundle) async {
        do {
            try await intake.keep(bundle.frames, of: bundle.report)
        } catch {
            // The report itself is durable with its picture; what stands around it is no reason to hold the line up.
            log(.warning, "frames around a defect could not be kept", "\(error)")
            board.update { $0.evidenceLost += bundle.frames.count }
        }
    }

    // MARK: Alarms

    private func keepAlarms(at uptime: Duration) async {
        let standing = board.now
        let isAway = awaySince.map { uptime - $0 >= settings.alarmAfter } ?? false
        await keep(
            "source-away",
            isAway ? "no frames from \(settings.camera): \(standing.lastError ?? "it does not answer")" : nil)
        await keep("vision-unavailable", standing.unavailable.map { "no model looks at \(settings.camera): \($0)" })
        let troubles = standing.troubles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        await keep(
            "camera-trouble",
            troubles.isEmpty ? nil : "\(settings.camera): \(troubles.joined(separator: "; "))".cut(to: 500))
        let p95 = standing.latency[.total].map { "\($0.p95.milliseconds) ms" } ?? ""
        await keep(
            "vision-slow",
            standing.isSlow
                ? "from capture to acceptance 95 of 100 frames of \(settings.camera) took up to \(p95); the limit is "
                    + Quantity.text(settings.latencyMax) : nil)
    }

    private func keep(_ alarm: String, _ words: String?) async {
        guard alarms[alarm] != (words != nil) else { return }
        if (try? await journal.alarm(alarm, words)) != nil { alarms[alarm] = words != nil }
    }
}
