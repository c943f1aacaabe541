import Testing
import UACodec

/// What a hostile peer sends: each is refused with the status that Part 4 gives to it, and early.
@Suite("Limits of the decoder")
struct LimitTests {
    private func refuse<Value: BinaryDecodable>(
        _ type: Value.Type, _ bytes: [UInt8], _ status: StatusCode, limits: CodecLimits = .standard,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CodecError.self, sourceLocation: location) {
            try Value(binary: bytes, limits: limits)
        }
        #expect(error?.status == status, "\(error.map { "\($0)" } ?? "")", sourceLocation: location)
    }

    @Test("A length that is not there is refused before room is made for it")
    func lengths() {
        for text in ["ffffff7f", "05000000414243", "ffffff7f41"] {
            refuse(String?.self, hex(text), .badDecodingError)
            refuse(ByteString?.self, hex(text), .badDecodingError)
            refuse([Int64].self, hex(text), .badDecodingError)
            refuse([Variant].self, hex(text), .badDecodingError)
        }
        // 2^31-1 elements of 16 bytes pass 2^32, and must not wrap.
        refuse(Variant.self, hex("8effffff7f") + [UInt8](repeating: 0, count: 64), .badDecodingError)
    }

    @Test("A value that ends early is refused, wherever it ends")
    func truncation() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<40 {
            let bytes = try random.variant(depth: 4).binary()
            for count in 0..<bytes.count where bytes.count < 2000 {
                #expect(throws: CodecError.self) { try Variant(binary: Array(bytes.prefix(count))) }
            }
        }
        refuse(UInt8.self, [1, 2], .badDecodingError)
    }

    @Test("Strings, byte strings, arrays and messages are limited, each by its own")
    func counts() throws {
        let limits = CodecLimits(messageBytes: 100, stringBytes: 10, byteStringBytes: 12, arrayLength: 5)
        let ten = try ("0123456789" as String?).binary()
        #expect(try String?(binary: ten, limits: limits) == "0123456789")
        refuse(
            String?.self, hex("0b000000") + [UInt8](repeating: 65, count: 11), .badEncodingLimitsExceeded,
            limits: limits)
        refuse(
            ByteString?.self, hex("0d000000") + [UInt8](repeating: 65, count: 13), .badEncodingLimitsExceeded,
            limits: limits)
        #expect(try [UInt8](binary: hex("05000000") + [1, 2, 3, 4, 5], limits: limits).count == 5)
        refuse([UInt8].self, hex("06000000") + [1, 2, 3, 4, 5, 6], .badEncodingLimitsExceeded, limits: limits)
        refuse(Variant.self, hex("8306000000") + [1, 2, 3, 4, 5, 6], .badEncodingLimitsExceeded, limits: limits)
        refuse([Int64].self, [UInt8](repeating: 0, count: 101), .badEncodingLimitsExceeded, limits: limits)
        let long = #expect(throws: CodecError.self) {
            try [UInt8](repeating: 0, count: 97).binary(limits: limits)
        }
        #expect(long?.status == .badEncodingLimitsExceeded)
    }

    @Test("Empty Variants, a byte each, may not take many times their room in memory")
    func amplification() {
        let count = 60_000
        let inner = hex("98") + [UInt8(count & 255), UInt8(count >> 8), 0, 0] + [UInt8](repeating: 0, count: count)
        var bytes = hex("9840000000")
        for _ in 0..<64 { bytes += inner }
        refuse(Variant.self, bytes, .badEncodingLimitsExceeded)
    }

    @Test("Variants, extension objects, data values and diagnostics share one count of levels")
    func nesting() throws {
        func variants(_ levels: Int) -> [UInt8] {
            (1..<levels).flatMap { _ in [0x98, 1, 0, 0, 0] } + [1, 1]
        }
        #expect(try Variant(binary: variants(100)).type == .variant)
        refuse(Variant.self, variants(101), .badEncodingLimitsExceeded)
        refuse(Variant.self, variants(200_000), .badEncodingLimitsExceeded)

        func operands(_ levels: Int) throws -> [UInt8] {
            // A Variant holds an extension object, which holds a literal operand, which holds a Variant.
            var bytes = hex("0101")
            for _ in 0..<levels {
                let length = UInt32(bytes.count)
                bytes = hex("16 01005502 01") + (0..<4).map { UInt8(length >> ($0 * 8) & 255) } + bytes
            }
            return bytes
        }
        #expect(try Variant(binary: operands(49)).type == .extensionObject)
        refuse(Variant.self, try operands(50), .badEncodingLimitsExceeded)
        refuse(Variant.self, try operands(5000), .badEncodingLimitsExceeded)

        func diagnostics(_ levels: Int) -> [UInt8] { [UInt8](repeating: 0x40, count: levels) + [0] }
        #expect(try DiagnosticInfo(binary: diagnostics(10)).innerDiagnosticInfo != nil)
        refuse(DiagnosticInfo.self, diagnostics(11), .badEncodingLimitsExceeded)
        refuse(DiagnosticInfo.self, diagnostics(1_000_000), .badEncodingLimitsExceeded)
    }

    @Test("What a reader would refuse as too deep is not written")
    func writingDeep() throws {
        var variant = Variant(true)
        for _ in 1..<100 { variant = Variant([variant]) }
        #expect(try Variant(binary: variant.binary()) == variant)
        let deeper = Variant([variant])
        let error = #expect(throws: CodecError.self) { try deeper.binary() }
        #expect(error?.status == .badEncodingLimitsExceeded)
    }

    @Test("Dimensions must give the number of elements, without wrapping")
    func dimensions() throws {
        let empty = try Variant(binary: hex("c3000000000200000000000000ffffff7f"))
        #expect(try empty == Variant([UInt8]()) && hex(empty.binary()) == "8300000000")
        #expect(try hex(Variant.matrix(.byte([]), dimensions: [0, 4]).binary()) == "8300000000")
        for wrong in [
            "c3020000000102020000000200000002000000",  // 2 x 2 for 2
            "c3010000000101000000ffffffff",  // a negative dimension
            "c30000000002000000ffffffff01000000",
            "c300000000030000000000010000000100 00000100",  // 65536^3 wraps to 0 in 32 bits
            "c300000000040000000000010000000100 0000010000000100",  // 65536^4 wraps to 0 in 64 bits
        ] { refuse(Variant.self, hex(wrong), .badDecodingError) }
        let wrong = Variant.matrix(.byte([1, 2, 3]), dimensions: [2, 2])
        let error = #expect(throws: CodecError.self) { try wrong.binary() }
        #expect(error?.status == .badEncodingError)
    }

    @Test("Masks and forms that the standard does not have are refused")
    func forms() {
        for text in ["06010000", "0700", "8000", "4000", "ff00"] { refuse(NodeId.self, hex(text), .badDecodingError) }
        refuse(ExpandedNodeId.self, hex("0600"), .badDecodingError)
        for text in ["20", "3f", "80", "8000000000", "c0", "46 07000000 00000000", "1800", "1900", "9900000000"] {
            refuse(Variant.self, hex(text), .badDecodingError)
        }
        refuse(ExtensionObject.self, hex("00000300000000"), .badDecodingError)
        refuse(String?.self, hex("02000000c328"), .badDecodingError)
        refuse(String?.self, hex("03000000eda080"), .badDecodingError)
    }

    @Test("The reserved types of a Variant are read as byte strings")
    func reserved() throws {
        for code in UInt8(26)...31 {
            #expect(try Variant(binary: [code] + hex("01000000aa")) == Variant(ByteString([0xAA])))
        }
    }

    @Test("A DataValue holds no other, not through an array either, and a Variant holds no single Variant")
    func forbidden() throws {
        refuse(DataValue.self, hex("01170100"), .badDecodingError)
        refuse(DataValue.self, hex("0198010000001700"), .badDecodingError)
        #expect(try Variant(binary: hex("1700")) == Variant(DataValue()))
        let error = #expect(throws: CodecError.self) { try Variant.scalar(.variant(.null)).binary() }
        #expect(error?.status == .badEncodingError)
    }

    @Test("A known body must end where its length says")
    func bodyLength() throws {
        let body = hex("01004101 01 09000000 05000000 616e6f6e79")
        #expect(try ExtensionObject(binary: body).value(as: AnonymousIdentityToken.self)?.policyId == "anony")
        refuse(ExtensionObject.self, hex("01004101 01 0a000000 05000000 616e6f6e79 00"), .badDecodingError)
        // What follows in the body would pass for the next element.
        refuse(
            [ExtensionObject].self, hex("02000000 01004101 01 0c000000 05000000 616e6f6e79 000000"), .badDecodingError)
        refuse(ExtensionObject.self, hex("01004101 01 08000000 05000000 616e6f6e79"), .badDecodingError)
        refuse(ExtensionObject.self, hex("01004101 01 ffffffff"), .badDecodingError)
        refuse(ExtensionObject.self, hex("01004101 01 ffffff7f 00"), .badDecodingError)
    }

    @Test("A request of a service that is not there can still be answered")
    func unknownService() throws {
        let header = RequestHeader(authenticationToken: NodeId(5), requestHandle: 77)
        let bytes = try NodeId(488).binary() + header.binary() + [1, 2, 3]
        let error = #expect(throws: CodecError.self) { try ServiceMessage.decode(bytes) }
        #expect(error?.status == .badServiceUnsupported)
        #expect(try ServiceMessage.requestHeader(of: bytes) == header)
    }
}
