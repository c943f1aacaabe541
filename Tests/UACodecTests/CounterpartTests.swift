import Foundation
import Testing

@testable import UACodec

/// Structures of every kind that asyncua 2.1.0 filled at random and wrote; `Counterpart/vectors.py` made the file.
@Suite("Structures that asyncua wrote")
struct CounterpartTests {
    private struct Vector: Decodable {
        var type: String
        var bytes: String
    }

    private static let types: [String: any (BinaryCodable & Sendable).Type] = {
        var types: [String: any (BinaryCodable & Sendable).Type] = [
            "Variant": Variant.self, "DataValue": DataValue.self,
        ]
        for type in Known.structures { types["\(type)"] = type }
        types["Range"] = ValueRange.self
        return types
    }()

    private func again<Value: BinaryCodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> [UInt8] {
        try Value(binary: bytes).binary()
    }

    private func again(_ vector: Vector) throws -> [UInt8] {
        let bytes = hex(vector.bytes)
        if let type = Self.types[vector.type] { return try again(type, bytes) }
        let message = try ServiceMessage.decode(bytes)
        #expect("\(type(of: message))" == vector.type)
        return try written(message)
    }

    private func written<Message: Structure>(_ message: Message) throws -> [UInt8] {
        try ServiceMessage.bytes(of: message)
    }

    @Test("Each is read, and written again to the same bytes")
    func vectors() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["UACODEC_VECTORS"] ?? "\(folder.path)/Counterpart/vectors.json"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        var seen: Set<String> = []
        for line in lines {
            let vector = try JSONDecoder().decode(Vector.self, from: Data(line.utf8))
            seen.insert(vector.type)
            do {
                let bytes = try again(vector)
                #expect(hex(bytes) == vector.bytes, "\(vector.type)")
            } catch {
                Issue.record("\(vector.type): \(error): \(vector.bytes)")
            }
        }
        #expect(seen.count > 100 && seen.count == Known.structures.count + Known.messages.count + 2)
    }
}
