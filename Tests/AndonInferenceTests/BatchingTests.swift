import AndonInference
import AndonModel
import AndonVision
import Synchronization
import Testing

/// Doubles its input `x` [N, 2] and adds the row's sum, after a gate has let it through; remembers its batches.
final class StandInEngine: InferenceEngine {
    let identity = EngineIdentity(kind: "stand-in", version: "1", place: "here")
    let inputs: [TensorPort]
    let outputs: [TensorPort]
    let batches = Mutex<[Int]>([])
    let isClosed = Mutex(false)
    private let failure: InferenceError?
    private let gate: Gate?

    init(batch: Int = -1, failure: InferenceError? = nil, gate: Gate? = nil) {
        inputs = [TensorPort(name: "x", shape: [batch, 2])]
        outputs = [TensorPort(name: "y", shape: [batch, 3])]
        (self.failure, self.gate) = (failure, gate)
    }

    func infer(_ inputs: [String: Tensor], outputs: [String]) async throws(InferenceError) -> [String: Tensor] {
        guard let x = inputs["x"] else { throw InferenceError(.refused, "no x") }
        batches.withLock { $0.append(x.shape[0]) }
        await gate?.pass()
        if let failure { throw failure }
        let values = (0..<x.shape[0]).flatMap { row -> [Float] in
            let (a, b) = (x.values[row * 2], x.values[row * 2 + 1])
            return [a * 2, b * 2, a + b]
        }
        return ["y": Tensor(shape: [x.shape[0], 3], values: values)]
    }

    func close() async { isClosed.withLock { $0 = true } }
}

/// Holds those who pass until it is opened.
actor Gate {
    private var isOpen = false
    private var held: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation {
            held.append($0)
            for arrival in arrivals { arrival.resume() }
            arrivals = []
        }
    }

    /// Returns when somebody is held.
    func waitForOne() async {
        if held.isEmpty { await withCheckedContinuation { arrivals.append($0) } }
    }

    func open() {
        isOpen = true
        for one in held { one.resume() }
        held = []
    }
}

/// A clock on which no time passes: who sleeps wakes after the others that can run.
struct StillTime: TimeSource {
    func now() -> Timestamp { Timestamp(microseconds: 0) }
    func uptime() -> Duration { .zero }
    func sleep(for duration: Duration) async throws {
        for _ in 0..<20 { await Task.yield() }
        try Task.checkCancellation()
    }
}

@Suite("Calls in batches")
struct BatchingTests {
    @Test("Results equal those of single calls, in any mix of sizes and overlaps")
    func property() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        for _ in 0..<30 {
            let (single, shared) = (StandInEngine(), StandInEngine())
            let batchMax = Int.random(in: 1...8, using: &random)
            let batching = BatchingEngine(
                shared, batchMax: batchMax, gather: .milliseconds(2), overlap: Int.random(in: 1...3, using: &random),
                time: StillTime())
            let inputs = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                let rows = Int.random(in: 1...3, using: &random)
                return Tensor(
                    shape: [rows, 2], values: (0..<(rows * 2)).map { _ in Float.random(in: -9...9, using: &random) })
            }
            let answers = try await withThrowingTaskGroup(of: (Int, [String: Tensor]).self) { group in
                for (index, input) in inputs.enumerated() {
                    group.addTask { (index, try await batching.infer(["x": input], outputs: ["y"])) }
                }
                return try await group.reduce(into: [Int: [String: Tensor]]()) { $0[$1.0] = $1.1 }
            }
            for (index, input) in inputs.enumerated() {
                #expect(answers[index] == (try await single.infer(["x": input], outputs: ["y"])))
            }
            let rows = inputs.map { $0.shape[0] }
            #expect(shared.batches.withLock { $0.reduce(0, +) } == rows.reduce(0, +))
            #expect(shared.batches.withLock { $0.allSatisfy { $0 <= max(batchMax, 3) } })
        }
    }

    @Test("Calls that come while the engine works go together, in their order, up to the most")
    func whileBusy() async throws {
        let gate = Gate()
        let engine = StandInEngine(gate: gate)
        let batching = BatchingEngine(engine, batchMax: 4, gather: .zero, time: StillTime())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await batching.infer(["x": sample([1, 2])], outputs: ["y"]) }
            await gate.waitForOne()
            for _ in 0..<6 { group.addTask { _ = try await batching.infer(["x": sample([1, 2])], outputs: ["y"]) } }
            for _ in 0..<200 { await Task.yield() }
            await gate.open()
            try await group.waitForAll()
        }
        let batches = engine.batches.withLock { $0 }
        #expect(batches[0] == 1 && batches.reduce(0, +) == 7 && batches.allSatisfy { $0 <= 4 })
    }

    @Test("One who gives up, waiting or under way, gets an error at once and harms nobody")
    func cancelled() async throws {
        let gate = Gate()
        let engine = StandInEngine(gate: gate)
        let batching = BatchingEngine(engine, batchMax: 8, gather: .zero, time: StillTime())
        let underWay = Task { try await batching.infer(["x": sample([1, 2])], outputs: ["y"]) }
        await gate.waitForOne()
        let waiting = Task { try await batching.infer(["x": sample([1, 2])], outputs: ["y"]) }
        let staying = Task { try await batching.infer(["x": sample([2, 2])], outputs: ["y"]) }
        underWay.cancel()
        waiting.cancel()
        #expect(await failure { _ = try await underWay.value }?.kind == .late)
        #expect(await failure { _ = try await waiting.value }?.kind == .late)
        await gate.open()
        let alone = try await StandInEngine().infer(["x": sample([2, 2])], outputs: ["y"])
        #expect(try await staying.value == alone)
    }

    @Test("An error goes to each call of the batch, and a wrong call spoils none")
    func errors() async throws {
        let error = InferenceError(.overloaded, "no room")
        let batching = BatchingEngine(StandInEngine(failure: error), batchMax: 4, gather: .zero, time: StillTime())
        await withTaskGroup(of: InferenceError?.self) { group in
            for _ in 0..<4 {
                group.addTask { await failure { _ = try await batching.infer(["x": sample([1, 2])], outputs: ["y"]) } }
            }
            for await got in group { #expect(got == error) }
        }
        let wrong = await failure { _ = try await batching.infer(["x": sample([1, 9])], outputs: ["y"]) }
        #expect(wrong?.kind == .refused)
    }

    @Test("A model with a fixed batch is never batched")
    func fixed() async throws {
        let engine = StandInEngine(batch: 1)
        let batching = BatchingEngine(engine, batchMax: 8, gather: .milliseconds(5), time: StillTime())
        #expect(!batching.isBatching)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 {
                group.addTask { _ = try? await batching.infer(["x": sample([1, 2])], outputs: ["y"]) }
            }
        }
        #expect(engine.batches.withLock { $0 } == [1, 1, 1, 1, 1])
    }
}
