import AndonLedger
import AndonModel

/// A picture that is durable while its report is still being decided on.
public struct PictureLease: Sendable {
    let store: PictureStore
    public let picture: Picture
    let trace: String
    /// Of its object, where it is in object storage.
    private var generation: Int?

    init(store: PictureStore, picture: Picture, trace: String) {
        (self.store, self.picture, self.trace) = (store, picture, trace)
    }

    /// The same, durable where pictures are: a folder has synced it before, object storage answers that it has it.
    ///
    /// - Returns: nil when the object storage has no room for it; the lease has ended then.
    /// - Throws: `StoreError.picturesAway`; the lease has ended, and nothing was kept.
    public func secured() async throws -> PictureLease? {
        guard let vault = store.vault else { return self }
        do {
            var secured = self
            secured.generation = try await vault.put(picture, file: trace)
            return secured
        } catch {
            store.release(picture, trace: trace, isKept: nil)
            if case StoreError.full = error { return nil }
            throw error
        }
    }

    /// To be called when the report is written down, before it is answered.
    public func settle() async throws {
        guard let vault = store.vault, let generation else { return }
        try await vault.settle(picture, generation: generation, file: trace)
    }

    /// Ends the lease. `isKept` says whether any accepted report has the picture; without one its file goes.
    public func end(isKept: Bool) { store.release(picture, trace: trace, isKept: isKept) }

    /// The same, and its object goes as well.
    public func finish(isKept: Bool) async {
        end(isKept: isKept)
        guard !isKept, let vault = store.vault else { return }
        // What cannot be deleted now is retired at least, or is found by a look for what nobody keeps.
        try? await vault.discard(picture.sha256)
    }
}
