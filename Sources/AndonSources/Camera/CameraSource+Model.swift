import AndonInference
import AndonModel
import AndonVision
import Logging

/// The model that looks at the frames: taken up at the start, swapped on demand.
extension CameraSource {
    /// What a model said of a frame.
    struct Looked: Sendable {
        var verdict: Verdict
        var times: ModelTimes
        var model: ModelStanding
    }

    struct Missed: Error {
        var reason: FrameTally.Drop
    }

    /// Calls without an answer, one after the other, from which on the engine counts as away.
    private static let failuresMax = 10
    private static let modelRetry = Duration.seconds(10)

    // MARK: Taking up

    /// Without a model the frames are taken from the camera all the same, and dropped with that reason.
    func takeUpModel() async {
        let card = await environment.card(name) ?? settings.model.card
        triedModelAt = uptime
        do throws(ModelRefusal) {
            await install(try await environment.load(card, settings.model.engine), card: card)
        } catch {
            log(.error, "no model looks at the frames", "\(error)")
            board.update { $0.unavailable = "\(error)".cut(to: 500).asOneLine }
            // A card that is wrong stays so until somebody gives another one.
            if !error.isWorthTryingAgain { triedModelAt = nil }
        }
        if let path = settings.model.shadow, shadow == nil { await takeUpShadow(path) }
    }

    func retryModel(at uptime: Duration) async {
        guard let triedModelAt, uptime - triedModelAt >= Self.modelRetry else { return }
        await takeUpModel()
    }

    private func takeUpShadow(_ path: String) async {
        do throws(ModelRefusal) {
            let model = try await environment.load(path, settings.model.engine)
            let standing = ShadowStanding(model: ModelStanding(model, path: path))
            board.update { $0.shadow = standing }
            shadow = ShadowRun(model)
        } catch {
            log(.error, "the shadow model does not run", "\(error)")
            board.update { $0.lastError = "shadow: \(error)".cut(to: 500).asOneLine }
        }
    }

    private func install(_ model: LoadedModel, card: String) async {
        await models.swap(to: model)
        colour = model.card.input.colour
        failures = 0
        let standing = ModelStanding(model, path: card)
        board.update { board in
            board.model = standing
            board.unavailable = nil
        }
        log(.notice, "a model looks at the frames: \(standing.name) \(standing.version), \(standing.sha256)")
    }

    // MARK: Swapping

    /// Puts another model in the place of the one in force. Frames under way end on the old one; none is lost.
    ///
    /// - Parameter card: a path within the folder of the card that the configuration names.
    /// - Throws: why it is not taken; then the old one goes on.
    public func swapModel(to card: String) async throws(ModelRefusal) -> ModelStanding {
        let path = try settings.model.path(of: card)
        let model = try await environment.load(path, settings.model.engine)
        await install(model, card: path)
        return ModelStanding(model, path: path)
    }

    // MARK: Looking

    func verdict(_ pixels: Pixels) async -> Result<Looked, Missed> {
        repeat {
            do throws(InferenceError) {
                let looked = try await look(pixels)
                answered(looked.times)
                return .success(looked)
            } catch {
                missed(error)
                guard triesAgain, error.isWorthTryingAgain, !isStopping, await pause() else {
                    return .failure(Missed(reason: triesAgain && isStopping ? .stopped : Self.drop(error.kind)))
                }
            }
        } while true
    }

    private func look(_ pixels: Pixels) async throws(InferenceError) -> Looked {
        try await models.use { (model) async throws(InferenceError) in
            let (verdict, times) = try await model.look(pixels)
            return Looked(verdict: verdict, times: times, model: ModelStanding(model, path: ""))
        }
    }

    private func answered(_ times: ModelTimes) {
        board.took(.preprocess, times.preprocess)
        board.took(.infer, times.infer)
        board.took(.postprocess, times.postprocess)
        guard failures > 0 else { return }
        failures = 0
        board.update { $0.unavailable = nil }
    }

    private func missed(_ error: InferenceError) {
        failures += 1
        guard board.hasModel else { return }
        if failures == 1 { log(.warning, "a frame was not looked at", "\(error)") }
        board.update { $0.lastError = "\(error)".cut(to: 500).asOneLine }
        if error.kind == .unavailable || failures >= Self.failuresMax {
            board.update { $0.unavailable = "\(error)".cut(to: 500).asOneLine }
        }
    }

    private static func drop(_ kind: InferenceError.Kind) -> FrameTally.Drop {
        switch kind {
        case .unavailable: .engineUnavailable
        case .late: .engineLate
        case .overloaded: .engineOverloaded
        case .refused: .engineRefused
        }
    }
}

extension CameraSettings.Model {
    /// The path of a card in the folder of the configured one. Nothing outside of that folder is ever read.
    func path(of card: String) throws(ModelRefusal) -> String {
        let steps = card.split(separator: "/", omittingEmptySubsequences: false)
        guard card.utf8.count <= 500, steps.allSatisfy({ !["", ".", ".."].contains($0) }), !card.utf8.contains(0) else {
            throw ModelRefusal([
                "the card is named by its path within the models folder, like \"scratches-2.yaml\" (no leading /, no ..)"
            ])
        }
        let folder = self.card.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return folder.isEmpty && !self.card.hasPrefix("/") ? card : "\(folder)/\(card)"
    }
}
