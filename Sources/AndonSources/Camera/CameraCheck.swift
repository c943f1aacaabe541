import AndonCapture
import AndonInference
import AndonModel
import AndonVision

/// Takes one frame from a camera, has the model look at it, and says what would be reported. Nothing is taken in, and a file of
/// a folder stays where it is.
public struct CameraCheck: Sendable {
    private let name: String
    private let settings: CameraSettings
    private let source: any FrameSource
    private let environment: CameraEnvironment
    /// How long the frame is waited for.
    private let wait: Duration

    public init(
        name: String, settings: CameraSettings, source: any FrameSource, environment: CameraEnvironment, wait: Duration
    ) {
        (self.name, self.settings, self.source) = (name, settings, source)
        (self.environment, self.wait) = (environment, wait)
    }

    /// - Parameter say: called with each line as it is known.
    /// - Returns: whether a frame came and the model looked at it.
    public func run(_ say: @Sendable (SourceCheck.Line) -> Void) async -> Bool {
        let model: LoadedModel
        do throws(ModelRefusal) {
            model = try await environment.load(settings.model.card, settings.model.engine)
        } catch {
            for reason in error.reasons { say(.init(kind: .problem, text: reason)) }
            return false
        }
        let standing = ModelStanding(model, path: settings.model.card)
        say(
            .init(
                kind: .done, text: "model \(standing.name) \(standing.version), \(standing.sha256), \(standing.engine)")
        )
        let isGood = await look(model, standing, say)
        await model.engine.close()
        return isGood
    }

    private func look(
        _ model: LoadedModel, _ standing: ModelStanding, _ say: @Sendable (SourceCheck.Line) -> Void
    ) async -> Bool {
        do {
            guard let frame = try await frame() else {
                say(.init(kind: .problem, text: "no frame came in \(Quantity.text(wait))"))
                return false
            }
            say(
                .init(
                    kind: .done, text: "a frame of \(frame.picture.bytes.count) bytes, \(frame.picture.format.rawValue)"
                ))
            let begin = environment.time.uptime()
            let pixels = try PixelDecoder().decode(
                frame.picture, as: model.card.input.colour, pixelsMax: environment.pixelsMax)
            let decode = environment.time.uptime() - begin
            let (verdict, times) = try await model.look(pixels)
            let passage = CameraReport.Passage(
                decode: decode, model: times, total: environment.time.uptime() - begin, dropped: 0)
            if verdict.findings.isEmpty {
                say(.init(kind: .done, text: "no defect in it (score \(verdict.score)): it would be counted as good"))
            } else {
                let report = CameraReport(
                    source: name, camera: settings.camera, zone: settings.zone, healthAsset: settings.healthAsset,
                    severity: settings.severity, defectsMax: environment.defectsMax)
                let document = report.document(
                    frame, verdict, size: (pixels.width, pixels.height), by: standing, passage)
                say(.init(kind: .done, text: "it would be reported as"))
                say(.init(kind: .sample, text: document.canonicalText))
            }
            return true
        } catch {
            say(.init(kind: .problem, text: "\(error)"))
            return false
        }
    }

    /// The first one; nil when none came in time.
    private func frame() async throws -> Frame? {
        let (frames, sender) = AsyncThrowingStream<Frame, any Error>.makeStream()
        let capture = Task { [source, time = environment.time] in
            do throws(CaptureError) {
                try source.check()
                try await source.run { frame in
                    sender.yield(frame)
                    // A source settles a frame when it was delivered; this one never is.
                    while (try? await time.sleep(for: .seconds(3600))) != nil {}
                }
                sender.finish()
            } catch {
                sender.finish(throwing: error)
            }
        }
        let limit = Task { [wait, time = environment.time] in
            if (try? await time.sleep(for: wait)) != nil { sender.finish() }
        }
        defer {
            capture.cancel()
            limit.cancel()
        }
        for try await frame in frames { return frame }
        return nil
    }
}
