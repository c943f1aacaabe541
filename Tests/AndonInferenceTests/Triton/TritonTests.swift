import AndonInference
import AndonModel
import AndonTesting
import AndonVision
import Testing

@Suite(
    "NVIDIA's Triton Inference Server", .serialized, .enabled(if: RealTriton.isThere, RealTriton.reason),
    .timeLimit(.minutes(10)))
struct TritonTests {
    @Test(
        "The library in this process and Triton over HTTP and gRPC give the same numbers within 1e-5",
        arguments: BothEnginesTests.cases)
    func same(_ sampled: BothEnginesTests.Case) async throws {
        let triton = try await RealTriton.shared.value
        let input = [sampled.input: sample(sampled.shape)]
        let local = try Counterpart.engine(sampled.model)
        let expected = try await local.infer(input, outputs: sampled.outputs)
        for backEnd in BackEnd.allCases {
            let engine = try await backEnd.connect(sampled.model, to: triton)
            #expect(engine.inputs == local.inputs)
            let answer = try await engine.infer(input, outputs: sampled.outputs)
            for name in sampled.outputs {
                let (got, wanted) = (try #require(answer[name]), try #require(expected[name]))
                #expect(got.values.count == wanted.values.count && got.shape.first == wanted.shape.first)
                let difference = zip(got.values, wanted.values).map { abs($0 - $1) }.max()
                #expect(try #require(difference) <= 1e-5, "\(backEnd) \(name)")
            }
            await engine.close()
        }
        await local.close()
    }

    @Test("Sixteen cameras share a model: it runs fewer times than there are frames, and each gets its own answer")
    func cameras() async throws {
        let triton = try await RealTriton.shared.value
        let local = try Counterpart.engine("classify")
        for backEnd in BackEnd.allCases {
            let before = try await triton.counts("classify")
            let engine = try await backEnd.connect("classify", to: triton)
            let worst = try await withThrowingTaskGroup(of: Float.self) { group in
                for camera in 1...16 {
                    group.addTask {
                        var worst: Float = 0
                        for frame in 0..<6 {
                            let values = sample([1, 3, 16, 16]).values.map { $0 * Float(camera) + Float(frame) / 7 }
                            let input = ["image": Tensor(shape: [1, 3, 16, 16], values: values)]
                            let got = try await engine.infer(input, outputs: ["probabilities"])["probabilities"]
                            let own = try await local.infer(input, outputs: ["probabilities"])["probabilities"]
                            for (one, other) in zip(try #require(got).values, try #require(own).values) {
                                worst = max(worst, abs(one - other))
                            }
                        }
                        return worst
                    }
                }
                return try await group.reduce(0, max)
            }
            #expect(worst <= 1e-5)
            let after = try await triton.counts("classify")
            #expect(after.calls - before.calls == 96)
            #expect(after.runs - before.runs < 96, "Triton joined no calls")
            await engine.close()
        }
        await local.close()
    }

    @Test(
        "Calls that are joined here are one call there, and no larger than the server takes",
        arguments: BackEnd.allCases)
    func batches(_ backEnd: BackEnd) async throws {
        let triton = try await RealTriton.shared.value
        let engine = try await backEnd.connect("classify", to: triton)
        let tooMany = await failure {
            _ = try await engine.infer(["image": sample([9, 3, 16, 16])], outputs: ["probabilities"])
        }
        #expect(tooMany?.kind == .refused)
        #expect(tooMany?.reason.contains("8") == true, "\(tooMany?.reason ?? "")")
        let joined = BatchingEngine(engine, batchMax: 8, gather: .milliseconds(5))
        let answers = try await withThrowingTaskGroup(of: Tensor?.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try await joined.infer(["image": sample([1, 3, 16, 16])], outputs: ["probabilities"])[
                        "probabilities"]
                }
            }
            return try await group.reduce(into: [Tensor?]()) { $0.append($1) }
        }
        #expect(Set(answers.map { $0?.values.count }) == [4])
        await joined.close()
    }

    @Test("What is not there is named in Triton's words", arguments: BackEnd.allCases)
    func refusals(_ backEnd: BackEnd) async throws {
        let triton = try await RealTriton.shared.value
        let nobody = await failure { _ = try await backEnd.connect("nobody", to: triton) }
        #expect(nobody?.kind == .refused)
        #expect(nobody?.reason.contains("'nobody' is not found") == true, "\(nobody?.reason ?? "")")
        let version = await failure {
            _ = try await backEnd.connect("classify", version: "7", to: triton)
        }
        #expect(version?.kind == .refused)
        #expect(version?.reason.contains("version 7 is not found") == true, "\(version?.reason ?? "")")
        let first = try await backEnd.connect("classify", version: "1", to: triton)
        await first.close()
    }

    @Test("A model that is taken away and loaded again is used again by the same engine", arguments: BackEnd.allCases)
    func loadedAgain(_ backEnd: BackEnd) async throws {
        let triton = try await RealTriton.shared.value
        let engine = try await backEnd.connect("kinds", to: triton)
        let input = ["x": sample([2, 4])]
        let before = try await engine.infer(input, outputs: ["double"])
        try await triton.tell("unload", "kinds")
        let gone = try await eventually(within: .seconds(30)) {
            await failure { _ = try await engine.infer(input, outputs: ["double"]) }?.kind == .refused
        }
        #expect(gone)
        try await triton.tell("load", "kinds")
        #expect(try await engine.infer(input, outputs: ["double"]) == before)
        await engine.close()
    }

    @Test("Triton that is killed and started again is used again by the same engine", arguments: BackEnd.allCases)
    func comesBack(_ backEnd: BackEnd) async throws {
        let first = try await RealTriton()
        let engine = try await backEnd.connect("detect", to: first)
        let input = ["image": sample([1, 1, 8, 8])]
        let before = try await engine.infer(input, outputs: ["boxes"])
        first.kill()
        let away = try await eventually(within: .seconds(30)) {
            await failure { _ = try await engine.infer(input, outputs: ["boxes"]) }?.kind == .unavailable
        }
        #expect(away)
        let second = try await RealTriton(http: first.http, grpc: first.grpc)
        #expect(try await engine.infer(input, outputs: ["boxes"]) == before)
        await engine.close()
        second.kill()
    }
}
