import AndonModel
import AndonVision

/// Puts calls that wait at the same time into one batch along axis 0, so that many cameras share one model. The results
/// are those of single calls.
///
/// A model of which an input or output has a fixed first axis is never batched. An output whose first axis is free and is
/// not the batch (a list of all boxes of all pictures) needs `batchMax` 1.
public final class BatchingEngine: InferenceEngine {
    public var identity: EngineIdentity { engine.identity }
    public var inputs: [TensorPort] { engine.inputs }
    public var outputs: [TensorPort] { engine.outputs }
    /// Whether this model can be batched at all.
    public var isBatching: Bool { batcher != nil }

    private let engine: any InferenceEngine
    private let ports: Ports?
    private let batcher: Batcher?

    /// - Parameters:
    ///   - batchMax: rows in one call of the engine; 1 for none.
    ///   - gather: how long a call waits for others, 0...5 ms; longer ones are cut. Calls that come while the engine has
    ///     enough to do wait for it anyway, and go together whatever this is.
    ///   - overlap: calls of the engine under way at once; 1 for a processor, more for a server with several instances.
    public init(
        _ engine: any InferenceEngine, batchMax: Int, gather: Duration, overlap: Int = 1,
        time: any TimeSource = SystemTime()
    ) {
        self.engine = engine
        ports = try? Ports(model: engine.identity.place, inputs: engine.inputs, outputs: engine.outputs)
        let isFree = (engine.inputs + engine.outputs).allSatisfy { $0.shape.first == -1 }
        batcher =
            isFree && batchMax > 1
            ? Batcher(
                engine, batchMax: batchMax, gather: min(max(gather, .zero), .milliseconds(5)), overlap: max(overlap, 1),
                time)
            : nil
    }

    public func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        // A call that is wrong must not spoil a batch.
        try ports?.check(inputs, outputs: outputs)
        guard let batcher, let rows = inputs.values.first?.shape.first, rows > 0,
            inputs.values.allSatisfy({ $0.shape.first == rows })
        else { return try await engine.infer(inputs, outputs: outputs) }
        return try await batcher.infer(inputs, outputs: outputs, rows: rows)
    }

    public func close() async { await engine.close() }
}

private actor Batcher {
    /// Calls that can go together: the same sizes after axis 0, the same outputs.
    struct Kind: Hashable {
        var sizes: [String: ArraySlice<Int>]
        var outputs: [String]
    }

    struct Call {
        var id: Int
        var kind: Kind
        var rows: Int
        var inputs: [String: Tensor]
    }

    typealias Answer = Result<[String: Tensor], InferenceError>

    private let engine: any InferenceEngine
    private let batchMax: Int
    private let gather: Duration
    private let overlap: Int
    private let time: any TimeSource
    private var waiting: [Call] = []
    /// Of calls that wait or are under way; those that were given up are no longer here.
    private var callers: [Int: CheckedContinuation<Answer, Never>] = [:]
    private var lastID = 0
    /// Calls up to this one have waited long enough.
    private var gatheredUpTo = 0
    private var isGathering = false
    private var underWay = 0

    init(_ engine: any InferenceEngine, batchMax: Int, gather: Duration, overlap: Int, _ time: any TimeSource) {
        (self.engine, self.batchMax, self.gather) = (engine, batchMax, gather)
        (self.overlap, self.time) = (overlap, time)
    }

    func infer(
        _ inputs: [String: Tensor], outputs: [String], rows: Int
    ) async throws(InferenceError) -> [String: Tensor] {
        lastID += 1
        let id = lastID
        let kind = Kind(sizes: inputs.mapValues { $0.shape.dropFirst() }, outputs: outputs)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                callers[id] = caller
                waiting.append(Call(id: id, kind: kind, rows: rows, inputs: inputs))
                pump()
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
        return try answer.get()
    }

    private func giveUp(_ id: Int) {
        waiting.removeAll { $0.id == id }
        callers.removeValue(forKey: id)?.resume(
            returning: .failure(InferenceError(.late, "the caller gave up before there was an answer")))
    }

    private func pump() {
        while underWay < overlap, let first = waiting.first {
            let (batch, isFull) = batch(of: first.kind)
            guard isFull || first.id <= gatheredUpTo else { return startGathering(first.id) }
            let taken = Set(batch.map(\.id))
            waiting.removeAll { taken.contains($0.id) }
            underWay += 1
            Task { finish(batch, await run(batch)) }
        }
    }

    /// The calls of a kind that fit into one batch, in the order in which they came.
    private func batch(of kind: Kind) -> (calls: [Call], isFull: Bool) {
        var (calls, rows): ([Call], Int) = ([], 0)
        for call in waiting where call.kind == kind {
            // A call that is larger by itself goes alone.
            guard calls.isEmpty || rows + call.rows <= batchMax else { return (calls, true) }
            calls.append(call)
            rows += call.rows
        }
        return (calls, rows >= batchMax)
    }

    private func startGathering(_ id: Int) {
        guard !isGathering else { return }
        isGathering = true
        Task {
            try? await time.sleep(for: gather)
            isGathering = false
            gatheredUpTo = max(gatheredUpTo, id)
            pump()
        }
    }

    private func run(_ batch: [Call]) async -> Answer {
        let joined = batch.count == 1 ? batch[0].inputs : Self.join(batch.map(\.inputs))
        do throws(InferenceError) {
            return .success(try await engine.infer(joined, outputs: batch[0].kind.outputs))
        } catch {
            return .failure(error)
        }
    }

    private func finish(_ batch: [Call], _ answer: Answer) {
        underWay -= 1
        // Those that came meanwhile have waited.
        gatheredUpTo = waiting.last?.id ?? gatheredUpTo
        let parts = batch.count == 1 ? [answer] : Self.split(answer, rows: batch.map(\.rows))
        for (call, part) in zip(batch, parts) { callers.removeValue(forKey: call.id)?.resume(returning: part) }
        pump()
    }

    private static func join(_ calls: [[String: Tensor]]) -> [String: Tensor] {
        var joined: [String: Tensor] = [:]
        for (name, first) in calls[0] {
            let tensors = calls.compactMap { $0[name] }
            var values: [Float] = []
            values.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count })
            for tensor in tensors { values += tensor.values }
            let rows = tensors.reduce(0) { $0 + $1.shape[0] }
            joined[name] = Tensor(shape: [rows] + first.shape.dropFirst(), values: values)
        }
        return joined
    }

    private static func split(_ answer: Answer, rows: [Int]) -> [Answer] {
        guard case .success(let outputs) = answer else { return rows.map { _ in answer } }
        let total = rows.reduce(0, +)
        if let other = outputs.first(where: { $0.value.shape.first != total }) {
            let error = InferenceError(
                .refused,
                """
                output '\(other.key)' has the shape \(Ports.text(other.value.shape)) for \(total) pictures, so its first \
                axis is not the batch; set the batch of this model to 1
                """)
            return rows.map { _ in .failure(error) }
        }
        var start = 0
        return rows.map { count in
            defer { start += count }
            return .success(
                outputs.mapValues { tensor in
                    let size = tensor.values.count / total
                    return Tensor(
                        shape: [count] + tensor.shape.dropFirst(),
                        values: Array(tensor.values[(start * size)..<((start + count) * size)]))
                })
        }
    }
}
