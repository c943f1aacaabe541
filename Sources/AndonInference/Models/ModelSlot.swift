import AndonVision

/// Where a camera's model is, so that it can be changed while frames come: a frame is looked at by the old model or by
/// the new one, and never by none.
public actor ModelSlot {
    private final class Seat {
        let model: LoadedModel
        var uses = 0
        var isRetired = false

        init(_ model: LoadedModel) { self.model = model }
    }

    private var seat: Seat?

    public init(_ model: LoadedModel? = nil) { seat = model.map { Seat($0) } }

    public var current: LoadedModel? { seat?.model }

    /// Puts another model in, or none. Looks under way come to their end on the old one, which is closed after the last.
    public func swap(to model: LoadedModel?) async {
        let old = seat
        seat = model.map { Seat($0) }
        guard let old else { return }
        old.isRetired = true
        if old.uses == 0 { await old.model.engine.close() }
    }

    /// Hands out the model for as long as `body` runs.
    ///
    /// - Throws: `.unavailable` while there is no model, and what `body` throws.
    public func use<R: Sendable>(
        _ body: @Sendable (LoadedModel) async throws(InferenceError) -> R
    ) async throws(InferenceError) -> R {
        guard let seat else { throw InferenceError(.unavailable, "no model is loaded") }
        seat.uses += 1
        let result: Result<R, InferenceError>
        do throws(InferenceError) {
            result = .success(try await body(seat.model))
        } catch {
            result = .failure(error)
        }
        seat.uses -= 1
        if seat.isRetired, seat.uses == 0 { await seat.model.engine.close() }
        return try result.get()
    }
}
