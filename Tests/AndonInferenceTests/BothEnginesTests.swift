import AndonInference
import AndonVision
import Foundation
import Testing

@Suite("One model in two back ends", .enabled(if: Counterpart.isThere, Counterpart.reason))
struct BothEnginesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var model: String
        var input: String
        var shape: [Int]
        var outputs: [String]
        var testDescription: String { "\(model) \(shape)" }
    }

    static let cases = [
        Case(model: "classify", input: "image", shape: [1, 3, 16, 16], outputs: ["probabilities", "best", "logits"]),
        Case(model: "classify", input: "image", shape: [5, 3, 16, 16], outputs: ["probabilities"]),
        Case(model: "detect", input: "image", shape: [1, 1, 8, 8], outputs: ["boxes"]),
        Case(
            model: "kinds", input: "x", shape: [3, 4], outputs: ["half", "int", "long", "byte", "flag", "double"]),
    ]

    @Test("The library in this process, HTTP and gRPC give Python's own numbers within 1e-5", arguments: cases)
    func same(_ sampled: Case) async throws {
        let server = try await ServerProcess.shared.value
        let own = try await Self.own(sampled, server)
        let engines: [any InferenceEngine] = [
            try Counterpart.engine(sampled.model), try await BackEnd.http.connect(sampled.model, to: server),
            try await BackEnd.grpc.connect(sampled.model, to: server),
        ]
        for engine in engines {
            #expect(engine.inputs == engines[0].inputs && engine.outputs == engines[0].outputs)
            let answer = try await engine.infer([sampled.input: sample(sampled.shape)], outputs: sampled.outputs)
            #expect(Set(answer.keys) == Set(sampled.outputs))
            for name in sampled.outputs {
                let (got, expected) = (try #require(answer[name]), try #require(own[name]))
                #expect(got.values.count == expected.count && got.shape.first == sampled.shape.first)
                let difference = zip(got.values, expected).map { abs(Double($0) - $1) }.max()
                #expect(try #require(difference) <= 1e-5, "\(engine.identity.kind) \(name)")
            }
            await engine.close()
            let closed = await failure {
                _ = try await engine.infer([sampled.input: sample(sampled.shape)], outputs: sampled.outputs)
            }
            #expect(closed?.kind == .unavailable)
        }
    }

    private static func own(_ sampled: Case, _ server: ServerProcess) async throws -> [String: [Double]] {
        let address = "http://127.0.0.1:\(server.http)/own/\(sampled.model)/\(sampled.shape[0])"
        let text = try await HTTPText.get(address)
        return try JSONDecoder().decode([String: [Double]].self, from: Data(text))
    }

    @Test("Outputs that come as JSON, or as typed contents, are the same as raw ones")
    func otherForms() async throws {
        let server = try await ServerProcess.shared.value
        let outputs = ["int", "long", "byte", "flag", "double"]
        let input = ["x": sample([2, 4])]
        let raw = try await Counterpart.engine("kinds").infer(input, outputs: outputs)
        for (backEnd, model) in [(BackEnd.http, "kinds~json"), (.grpc, "kinds~contents")] {
            let engine = try await backEnd.connect(model, to: server)
            #expect(try await engine.infer(input, outputs: outputs) == raw)
            await engine.close()
        }
    }

    @Test("Calls that overlap keep their own answers")
    func overlap() async throws {
        let server = try await ServerProcess.shared.value
        let local = try Counterpart.engine("classify")
        let engines: [any InferenceEngine] = [
            local, try await BackEnd.http.connect("classify", to: server),
            try await BackEnd.grpc.connect("classify", to: server),
            BatchingEngine(local, batchMax: 4, gather: .milliseconds(1)),
        ]
        let inputs = (1...12).map { scale in
            Tensor(shape: [1, 3, 16, 16], values: sample([1, 3, 16, 16]).values.map { $0 * Float(scale) })
        }
        var expected: [Tensor?] = []
        for input in inputs {
            expected.append(try await local.infer(["image": input], outputs: ["probabilities"])["probabilities"])
        }
        for engine in engines {
            let answers = try await withThrowingTaskGroup(of: (Int, Tensor?).self) { group in
                for (index, input) in inputs.enumerated() {
                    group.addTask {
                        (index, try await engine.infer(["image": input], outputs: ["probabilities"])["probabilities"])
                    }
                }
                return try await group.reduce(into: [Int: Tensor?]()) { $0[$1.0] = $1.1 }
            }
            for (index, tensor) in expected.enumerated() {
                let (got, wanted) = (try #require(answers[index] ?? nil), try #require(tensor))
                #expect(zip(got.values, wanted.values).allSatisfy { abs($0 - $1) <= 1e-5 })
            }
        }
        for engine in engines { await engine.close() }
    }

    @Test("A wrong shape, name or output is refused before the call, with both shapes", arguments: BackEnd.allCases)
    func wrongRequests(_ backEnd: BackEnd) async throws {
        let remote = try await backEnd.connect("classify", to: try await ServerProcess.shared.value)
        for engine in [try Counterpart.engine("classify"), remote] as [any InferenceEngine] {
            let shape = await failure {
                _ = try await engine.infer(["image": sample([1, 3, 8, 8])], outputs: ["logits"])
            }
            #expect(shape?.kind == .refused)
            #expect(shape?.reason.contains("[any, 3, 16, 16] and was given [1, 3, 8, 8]") == true)
            let name = await failure { _ = try await engine.infer([:], outputs: ["logits"]) }
            #expect(name?.reason.contains("'image'") == true)
            let output = await failure {
                _ = try await engine.infer(["image": sample([1, 3, 16, 16])], outputs: ["none"])
            }
            #expect(output?.reason.contains("no output 'none'") == true)
            await engine.close()
        }
    }

    @Test("A text output is refused by its type, in process and out of it")
    func text() async throws {
        let engine = try Counterpart.engine("kinds")
        let refused = await failure { _ = try await engine.infer(["x": sample([1, 4])], outputs: ["text"]) }
        #expect(refused?.kind == .refused && refused?.reason.contains("BYTES") == true)
        await engine.close()
    }

    @Test(
        "A server's refusal is passed on and not repeated, its absence is tried once more", arguments: BackEnd.allCases)
    func manners(_ backEnd: BackEnd) async throws {
        let server = try await ServerProcess.shared.value
        let input = ["image": sample([1, 3, 16, 16])]
        let once = try await backEnd.connect("classify~once", to: server)
        await #expect(throws: Never.self) { _ = try await once.infer(input, outputs: ["logits"]) }
        await once.close()
        let invalid = try await backEnd.connect("classify~invalid", to: server)
        let refused = await failure { _ = try await invalid.infer(input, outputs: ["logits"]) }
        #expect(refused?.kind == .refused && refused?.reason.contains("model 'überall'") == true)
        await invalid.close()
        let unknown = await failure { _ = try await backEnd.connect("nobody", to: server) }
        #expect(unknown?.kind == .refused && unknown?.reason.contains("'nobody' is not found") == true)
        let time = ToldTime()
        let late = try await backEnd.connect("classify~late", to: server, time: time)
        time.set(isOver: true)
        #expect(await failure { _ = try await late.infer(input, outputs: ["logits"]) }?.kind == .late)
        await late.close()
        let small = try await backEnd.connect("classify", to: server, bytesMax: 1024)
        let tooLarge = await failure {
            _ = try await small.infer(["image": sample([200, 3, 16, 16])], outputs: ["logits"])
        }
        #expect(tooLarge?.kind == .refused && tooLarge?.reason.contains("1024 bytes") == true)
        await small.close()
    }

    @Test("A server that comes back is used again by the same engine", arguments: BackEnd.allCases)
    func comesBack(_ backEnd: BackEnd) async throws {
        let first = try await ServerProcess()
        let engine = try await backEnd.connect("classify", to: first)
        let input = ["image": sample([1, 3, 16, 16])]
        let before = try await engine.infer(input, outputs: ["logits"])
        first.kill()
        #expect(await failure { _ = try await engine.infer(input, outputs: ["logits"]) }?.kind == .unavailable)
        let second = try await ServerProcess(http: first.http, grpc: first.grpc)
        #expect(try await engine.infer(input, outputs: ["logits"]) == before)
        await engine.close()
        second.kill()
    }

    @Test("No connection is made to an address that is not allowed", arguments: BackEnd.allCases)
    func notAllowed(_ backEnd: BackEnd) async throws {
        let server = OpenInferenceServer(
            host: "elsewhere.test", port: 1, model: "classify", deadline: .seconds(20), readyWithin: .zero)
        let refused = await failure {
            switch backEnd {
            case .http: _ = try await OpenInferenceHTTP.connect(to: server, connect: loopback)
            case .grpc: _ = try await OpenInferenceGRPC.connect(to: server, connect: loopback)
            }
        }
        #expect(refused == InferenceError(.refused, "elsewhere.test is not allowed"))
    }
}
