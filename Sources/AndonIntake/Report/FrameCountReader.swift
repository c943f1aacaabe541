import AndonModel

/// Many counts of defect-free frames, sent at once.
public struct FrameCountBatch: Hashable, Sendable {
    /// The sender's own name for the batch: the idempotency key. 1 to 128 characters.
    public var id: String?
    public var frames: [FrameCount]

    public init(id: String? = nil, frames: [FrameCount]) {
        self.id = id
        self.frames = frames
    }
}

/// Reads a batch of frame counts, the denominators of the control charts.
///
/// ```json
/// {"id": "press-3/2026-11-23T21", "frames": [
///   {"camera": "CAM-7", "from": "2026-11-23T21:00:00Z", "to": "2026-11-23T21:05:00Z", "inspected": 412}]}
/// ```
///
/// `camera`, `from`, `to` (later than `from`) and `inspected` (at least 1) are required in each, `lot` is not.
public struct FrameCountReader: Sendable {
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) {
        self.limits = limits
    }

    /// - Throws: 413 `too-large`, 400 `invalid-json`, 422 `invalid-frame-counts` with every fault.
    public func read(_ bytes: some Collection<UInt8>) throws(Problem) -> FrameCountBatch {
        try read(IntakeDocument(parsing: bytes, limits: limits.json))
    }

    /// - Throws: 422 `invalid-frame-counts` with every fault (up to `limits.faultsMax`) and its JSON Pointer.
    public func read(_ document: IntakeDocument) throws(Problem) -> FrameCountBatch {
        let faults = FaultCollector(faultsMax: limits.faultsMax)
        let batch = batch(document, faults)
        if let problem = faults.problem(type: "invalid-frame-counts", title: "The batch of frame counts has faults") {
            throw problem
        }
        return batch
    }

    /// What `read` would take again, and would read as the same batch.
    public static func json(of batch: FrameCountBatch) -> JSON {
        .object(present: ["id": batch.id.map(JSON.string), "frames": .array(batch.frames.map(json(of:)))])
    }

    private static func json(of frame: FrameCount) -> JSON {
        .object(present: [
            "camera": .string(frame.camera), "from": .time(frame.from), "to": .time(frame.to),
            "inspected": .integer(frame.inspected), "lot": frame.lot.map(JSON.string),
        ])
    }

    private func batch(_ document: IntakeDocument, _ faults: FaultCollector) -> FrameCountBatch {
        var batch = FrameCountBatch(frames: [])
        guard let body = ObjectReader(document.json, at: document.pointer, known: ["id", "frames"], faults: faults)
        else { return batch }
        batch.id = body.text("id", charactersMax: limits.idCharactersMax)
        guard let elements = body.required("frames", body.array("frames")) else { return batch }
        guard (1...limits.framesMax).contains(elements.count) else {
            body.fault("frames", "should have 1 to \(limits.framesMax) counts, found \(elements.count)")
            return batch
        }
        batch.frames = elements.enumerated().compactMap { index, element in
            ObjectReader(
                element, at: "\(body.pointer)/frames/\(index)", known: ["camera", "from", "to", "inspected", "lot"],
                faults: faults
            ).map(frame)
        }
        return batch
    }

    private func frame(_ reader: ObjectReader) -> FrameCount {
        let unknown = Timestamp(microseconds: 0)
        let from = reader.required("from", reader.time("from"))
        let to = reader.required("to", reader.time("to"))
        if let from, let to, from >= to { reader.fault("to", "should be later than \"from\"") }
        let camera = reader.required("camera", reader.text("camera", charactersMax: limits.nameCharactersMax))
        let inspected = reader.required("inspected", reader.integer("inspected", in: 1...limits.inspectedMax))
        return FrameCount(
            camera: camera ?? "", from: from ?? unknown, to: to ?? unknown, inspected: inspected ?? 1,
            lot: reader.text("lot", charactersMax: limits.nameCharactersMax))
    }
}
