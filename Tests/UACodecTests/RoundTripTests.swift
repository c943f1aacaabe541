import Testing

@testable import UACodec

@Suite("Round trips")
struct RoundTripTests {
    @Test("A value that is written and read is the same, and its bytes too")
    func variants() throws {
        for seed in UInt64(1)...1500 {
            var random = SeededRandom(seed: seed)
            let variant = random.variant(depth: 5)
            let bytes = try variant.binary()
            let again = try Variant(binary: bytes)
            try #require(again == variant, "seed \(seed)")
            try #require(try again.binary() == bytes, "seed \(seed)")
            let value = random.dataValue(depth: 4)
            try #require(try DataValue(binary: value.binary()) == value, "seed \(seed)")
            let diagnostics = random.diagnosticInfo(depth: 9)
            try #require(try DiagnosticInfo(binary: diagnostics.binary()) == diagnostics, "seed \(seed)")
            let id = random.nodeId()
            if case .string = id.identifier { continue }
            try #require(NodeId(id.description) == id, "seed \(seed)")
        }
    }

    @Test("Every structure and message is read from zeros, written, and read again")
    func structures() throws {
        func check<Known: Structure>(_ type: Known.Type) throws {
            var reader = try BinaryReader([UInt8](repeating: 0, count: 4096))
            let value = try Known(from: &reader)
            let bytes = try value.binary()
            #expect(try Known(binary: bytes) == value, "\(type)")
            #expect(bytes.count >= Known.smallestByteCount, "\(type)")
            #expect(throws: CodecError.self, "\(type)") {
                try Known(binary: [UInt8](repeating: 0, count: max(0, Known.smallestByteCount - 1)))
            }
        }
        let messages = Known.messages.filter { $0.smallestByteCount > 0 }
        #expect(messages.count == Known.messages.count && messages.count > 50)
        for type in Known.structures + messages { try check(type) }
        #expect(Set(Known.structures.map { $0.binaryEncodingId }).count == Known.structures.count)
    }

    @Test("Bytes at random are refused or read; what was read is written and read the same")
    func garbage() throws {
        var read = 0
        for seed in UInt64(1)...4000 {
            var random = SeededRandom(seed: seed)
            var bytes = try random.variant(depth: 4).binary()
            for _ in 0..<random.int(1...4) where !bytes.isEmpty {
                bytes[random.int(0...bytes.count - 1)] = random.bits()
            }
            guard let value = try? Variant(binary: bytes) else { continue }
            read += 1
            let written = try value.binary()
            try #require(try Variant(binary: written).binary() == written, "seed \(seed)")
        }
        #expect(read > 100)
    }

    @Test("Times at the ends of the scale are clamped, and none traps")
    func times() {
        #expect(DateTime(unixMicroseconds: .min) == .null && DateTime(unixMicroseconds: .max) == .latest)
        #expect(DateTime(ticks: .min).unixMicroseconds == nil && DateTime.null.unixMicroseconds == nil)
        #expect(DateTime(ticks: .max).unixMicroseconds == 253_402_300_799_000_000)
        #expect(DateTime(ticks: .max).description == "9999-12-31T23:59:59.0000000Z")
        #expect(DateTime(ticks: 1).description == "1601-01-01T00:00:00.0000001Z")
        #expect(DateTime(unixMicroseconds: 951_782_400_000_000).description == "2000-02-29T00:00:00.0000000Z")
        #expect(DateTime(unixMicroseconds: -1).description == "1969-12-31T23:59:59.9999990Z")
        #expect(DateTime(unixMicroseconds: -1).unixMicroseconds == -1)
    }

    @Test("Status codes have their names, their severity and their flags")
    func statusCodes() {
        #expect(StatusCode.badDecodingError.description == "BadDecodingError (0x80070000)")
        #expect(StatusCode(name: "BadTcpMessageTypeInvalid")?.rawValue == 0x807E_0000)
        #expect(StatusCode(name: "Nonsense") == nil && StatusCode(0x8FFF_0000).name == "0x8fff0000")
        #expect(StatusCode.good.withOverflow().name == "Good" && StatusCode.good.withOverflow().hasOverflow)
        #expect(StatusCode.good.isGood && StatusCode.uncertainOverRange.isUncertain && StatusCode(0xC000_0000).isBad)
        #expect(StatusCode.badTooManyArguments.rawValue == 0x80E5_0000)
    }

    @Test("Numbers are taken from a Variant whatever their width")
    func access() {
        #expect(Variant(UInt8(3)).number == 3 && Variant(Float(0.5)).number == 0.5 && Variant(Int64(-9)).integer == -9)
        #expect(Variant(UInt64.max).integer == nil && Variant("3").number == nil && Variant([1.0]).number == nil)
        #expect(Variant("a").value(as: String.self) == "a" && Variant(2.5).value(as: Double.self) == 2.5)
        #expect(Variant([1.0, 2]).values(of: Double.self) == [1, 2] && Variant(1.0).value(as: Float.self) == nil)
        #expect(Variant([1.0, 2, 3]).elements?[clamped: 1..<9] == .double([2, 3]))
        #expect(Variant([1.0]).elements?[clamped: 5..<9] == .double([]))
    }
}
