import AndonInference
import AndonModel
import AndonVision
import Synchronization

/// A second model on the same frames, beside the first: it never holds a frame up, and nothing that it says is reported.
final class ShadowRun: Sendable {
    private let model: LoadedModel
    /// One frame at a time; what comes while it is busy is left out and counted.
    private let running = Mutex<Task<Void, Never>?>(nil)

    init(_ model: LoadedModel) { self.model = model }

    func compare(_ live: Verdict, _ pixels: Pixels, _ board: CameraBoard) {
        let isBusy = running.withLock { running in
            guard running == nil else { return true }
            running = Task { [self] in
                await look(live, pixels, board)
                self.running.withLock { $0 = nil }
            }
            return false
        }
        if isBusy { board.update { $0.shadow?.skipped += 1 } }
    }

    /// When the frame that is looked at now is done.
    func close() async {
        await running.withLock { $0 }?.value
        await model.engine.close()
    }

    private func look(_ live: Verdict, _ pixels: Pixels, _ board: CameraBoard) async {
        do throws(InferenceError) {
            let (verdict, _) = try await model.look(pixels)
            board.update { $0.shadow?.comparison.add(live: live, shadow: verdict) }
        } catch {
            board.update { board in
                board.shadow?.comparison.add(live: live, shadow: nil)
                board.shadow?.lastError = "\(error)".cut(to: 500).asOneLine
            }
        }
    }
}
