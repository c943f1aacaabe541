import AndonVision
import NIOCore
import Testing

@testable import AndonInference

@Suite("Messages of gRPC")
struct MessageTests {
    private let messages = OpenInferenceMessages(
        server: OpenInferenceServer(host: "127.0.0.1", port: 1, model: "m", answerBytesMax: 4096))
    private let port = TensorPort(name: "y", shape: [-1, 2])

    private func ports() throws -> Ports { try Ports(model: "m", inputs: [port], outputs: [port]) }

    /// An answer with the output `y` [1, 2] in raw form.
    private var whole: [UInt8] {
        var (shape, output, answer) = (ByteBuffer(bytes: [1, 2]), ByteBuffer(), ByteBuffer())
        output.writeField(1, "y")
        output.writeField(2, "FP32")
        output.writeField(3, shape)
        answer.writeField(1, "m")
        answer.writeField(5, output)
        shape = ByteBuffer(bytes: [0, 0, 128, 63, 0, 0, 0, 64])
        answer.writeField(6, shape)
        return Array(answer.readableBytesView)
    }

    @Test("An answer is read, and one that lacks bytes or outputs is refused with the reason")
    func answers() throws {
        let ports = try ports()
        let answer = try messages.answer(ByteBuffer(bytes: whole), outputs: ["y"], ports)
        #expect(answer == ["y": Tensor(shape: [1, 2], values: [1, 2])])
        #expect(throws: InferenceError.self) {
            try messages.answer(ByteBuffer(bytes: whole.dropLast()), outputs: ["y"], ports)
        }
        #expect(throws: InferenceError(.refused, "model m: its answer has no output 'z'")) {
            try messages.answer(ByteBuffer(bytes: whole), outputs: ["z"], ports)
        }
    }

    @Test("Whatever bytes come, each message is read or refused")
    func anyBytes() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        let ports = try ports()
        for _ in 0..<5000 {
            var bytes = Bool.random(using: &random) ? whole : (0..<64).map { _ in .random(in: 0...255, using: &random) }
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let buffer = ByteBuffer(bytes: bytes)
            _ = try? messages.answer(buffer, outputs: ["y"], ports)
            _ = try? messages.ports(buffer)
            _ = try? messages.isReady(buffer)
            _ = try? messages.nameAndVersion(buffer)
        }
    }

    @Test(
        "Half precision is read as IEEE 754 has it",
        arguments: [(UInt16(0x3C00), Float(1)), (0xC000, -2), (0x0001, 0x1p-24), (0x7BFF, 65504), (0x3555, 0.33325195)])
    func halves(_ bits: UInt16, _ value: Float) {
        withUnsafeBytes(of: bits.littleEndian) { #expect(TensorBytes.floats("FP16", $0) == [value]) }
    }
}
