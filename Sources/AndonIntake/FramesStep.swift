import AndonLedger
import AndonModel

extension AcceptStep {
    /// Takes a batch of counts of defect-free parts in. A batch without an id is named by its content, so a
    /// repeated one counts once.
    public func accept(_ batch: FrameCountBatch) async throws -> (id: String, isRepeated: Bool) {
        let digest = Hex.sha256(FrameCountReader.json(of: batch).canonicalBytes)
        let id = batch.id ?? "sha256:\(digest)"
        let current = inForce()
        let plant = current.plant
        let frames = batch.frames.map { count in
            (count, plant.cameras[count.camera]?.asset ?? "unmapped:\(count.camera)")
        }
        return try await store.write { transaction in
            if let known = try transaction.reader.frameBatchDigest(id) {
                guard known == digest else {
                    throw Problem(
                        status: 409, type: "id-in-use", title: "The id belongs to another batch",
                        detail: "A batch with the id \"\(id)\" and other content was accepted before.",
                        errors: [.init(pointer: "/id", detail: "already used for other content")])
                }
                return (id, true)
            }
            try transaction.insert(frames, batch: id, digest: digest)
            try transaction.record(
                "frames.accepted", of: id,
                [
                    "digest": .string(digest), "counts": .integer(frames.count),
                    "inspected": .integer(frames.reduce(0) { $0 + $1.0.inspected }),
                ])
            for count in batch.frames { try fold(count, current, in: transaction) }
            return (id, false)
        }
    }
}
