import AndonInference
import AndonModel
import AndonVision
import Testing

@Suite("Odd answers of a server over HTTP")
struct WireTests {
    private static let tensor = "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],"
    private static let json = "{\"outputs\":[\(tensor)\"data\":[[1,2]]}]}"
    private static let binary = "{\"outputs\":[\(tensor)\"parameters\":{\"binary_data_size\":8}}]}"
    private static let good = ScriptedServer.http("200 OK", json)
    private static let answer = ["y": Tensor(shape: [1, 2], values: [1, 2])]

    struct Odd: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reply: [UInt8]
        var kind: InferenceError.Kind
        var words: String
    }

    static let odd = [
        Odd(
            testDescription: "404",
            reply: ScriptedServer.http("404 Not Found", "{\"error\":\"Request for unknown model\"}"),
            kind: .refused, words: "it answers 404: Request for unknown model"),
        Odd(
            testDescription: "400 with JSON",
            reply: ScriptedServer.http("400 Bad Request", "{\"error\":\"bad shape\"}"),
            kind: .refused, words: "it answers 400: bad shape"),
        Odd(
            testDescription: "500 with text", reply: ScriptedServer.http("500 Oh", "out of memory"), kind: .unavailable,
            words: "it answers 500: out of memory"),
        Odd(
            testDescription: "a redirection", reply: ScriptedServer.http("302 Found", ""), kind: .refused,
            words: "it answers 302"),
        Odd(
            testDescription: "no JSON", reply: ScriptedServer.http("200 OK", "<html>"), kind: .refused,
            words: "its answer is not JSON"),
        Odd(
            testDescription: "a header's length beyond the body",
            reply: ScriptedServer.http("200 OK", binary, tensors: [0, 0, 0, 0, 0, 0, 0, 0], header: "9999"),
            kind: .refused, words: "Inference-Header-Content-Length of the answer is '9999'"),
        Odd(
            testDescription: "a header's length below 0",
            reply: ScriptedServer.http("200 OK", binary, header: "-5"), kind: .refused,
            words: "Inference-Header-Content-Length of the answer is '-5'"),
        Odd(
            testDescription: "fewer bytes than said",
            reply: ScriptedServer.http("200 OK", binary, tensors: [1, 2, 3, 4], header: String(binary.utf8.count)),
            kind: .refused, words: "should have more bytes than its answer has"),
        Odd(
            testDescription: "more bytes than said",
            reply: ScriptedServer.http(
                "200 OK", binary, tensors: Array(repeating: 0, count: 9), header: String(binary.utf8.count)),
            kind: .refused, words: "1 bytes more than its outputs"),
        Odd(
            testDescription: "another number of values",
            reply: ScriptedServer.http("200 OK", "{\"outputs\":[\(tensor)\"data\":[1,2,3]}]}"), kind: .refused,
            words: "its output 'y' of 3 values is not [1, 2]"),
        Odd(
            testDescription: "a shape beyond all numbers",
            reply: ScriptedServer.http(
                "200 OK",
                """
                {"outputs":[{"name":"y","datatype":"FP32","shape":[4294967296,4294967296,4294967296],"data":[1]}]}
                """), kind: .refused, words: "of 1 values is not"),
        Odd(
            testDescription: "a size below 0",
            reply: ScriptedServer.http(
                "200 OK", "{\"outputs\":[\(tensor)\"parameters\":{\"binary_data_size\":-8}}]}"), kind: .refused,
            words: "should have more bytes"),
        Odd(
            testDescription: "no such output", reply: ScriptedServer.http("200 OK", "{\"outputs\":[]}"), kind: .refused,
            words: "its answer has no output 'y'"),
        Odd(
            testDescription: "too large", reply: ScriptedServer.http("200 OK", String(repeating: " ", count: 5000)),
            kind: .refused, words: "larger than 4096 bytes"),
    ]

    private func connect(_ server: ScriptedServer, _ time: any TimeSource = SystemTime()) async throws
        -> OpenInferenceHTTP
    {
        let settings = OpenInferenceServer(
            host: "127.0.0.1", port: server.port, model: "m", deadline: .seconds(20), readyWithin: .zero,
            answerBytesMax: 4096)
        return try await OpenInferenceHTTP.connect(to: settings, connect: loopback, time: time)
    }

    private func infer(_ engine: OpenInferenceHTTP) async throws -> [String: Tensor] {
        try await engine.infer(["x": sample([1, 2])], outputs: ["y"])
    }

    @Test(
        "An answer that is not as the protocol has it is an error with its reason, and is not asked for again",
        arguments: odd)
    func oddAnswers(_ odd: Odd) async throws {
        let server = try await ScriptedServer([.bytes(odd.reply), .bytes(Self.good)])
        let engine = try await connect(server)
        let error = await failure { _ = try await infer(engine) }
        #expect(error?.kind == odd.kind)
        #expect(error?.reason.contains(odd.words) == true, "\(error?.reason ?? "no error")")
        #expect(server.count == 1)
        await engine.close()
    }

    @Test("A 503, and a connection that ends before or amid the answer, are tried once more and no more")
    func onceMore() async throws {
        let busy = ScriptedServer.Reply.bytes(ScriptedServer.http("503 Busy", "{\"error\":\"loading\"}"))
        let amid = ScriptedServer.Reply.cut(Array(Self.good.dropLast(5)))
        for first in [busy, amid, .cut([])] {
            let server = try await ScriptedServer([first, .bytes(Self.good)])
            let engine = try await connect(server)
            #expect(try await infer(engine) == Self.answer)
            #expect(server.count == 2)
            await engine.close()
        }
        for (reply, kind) in [(busy, InferenceError.Kind.overloaded), (amid, .unavailable)] {
            let server = try await ScriptedServer([reply, reply, .bytes(Self.good)])
            let engine = try await connect(server)
            #expect(await failure { _ = try await infer(engine) }?.kind == kind)
            #expect(server.count == 2)
            await engine.close()
        }
    }

    @Test("An answer that does not come in time is late, and the engine works on")
    func late() async throws {
        let server = try await ScriptedServer([.silence, .bytes(Self.good)])
        let time = ToldTime()
        let engine = try await connect(server, time)
        let call = Task { try await infer(engine) }
        while server.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        time.set(isOver: true)
        #expect(await failure { _ = try await call.value }?.kind == .late)
        time.set(isOver: false)
        #expect(try await infer(engine) == Self.answer)
        await engine.close()
    }

    @Test("Whatever bytes come as an answer, there is a result or an error")
    func anyBytes() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        let whole = Array(Self.binary.utf8) + [0, 0, 128, 63, 0, 0, 0, 64]
        let replies = (0..<200).map { _ in
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let head = "HTTP/1.1 200 OK\r\nInference-Header-Content-Length: \(Self.binary.utf8.count)\r\n"
            return ScriptedServer.Reply.bytes(Array("\(head)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
        }
        let server = try await ScriptedServer(replies)
        let engine = try await connect(server)
        for _ in replies {
            let error = await failure { _ = try await infer(engine) }
            #expect(error == nil || error?.kind == .refused)
        }
        await engine.close()
    }
}
