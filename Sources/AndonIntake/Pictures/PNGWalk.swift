/// Walks over the chunks of a PNG (W3C PNG, third edition, section 5.3) by their lengths.
///
/// Of the checksums only the header's is computed: it guards the size; the rest is for a decoder.
struct PNGWalk: Sendable {
    private(set) var size: PixelSize?
    private var fault: String?

    private enum Step {
        case signature, chunkStart, header
        /// Content and checksum of a chunk that is not looked into.
        case skip
        case afterEnd
        /// The chunks make no sense any more; the rest is not looked at.
        case broken
    }

    private var step = Step.signature
    private var buffer: [UInt8] = []
    private var wanted = 8
    private var left = 0
    private var position = 0
    private var chunk = ""
    private var hasPixels = false
    private var padding = 0

    mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < bytes.count {
            switch step {
            case .signature, .chunkStart, .header:
                let count = min(wanted - buffer.count, bytes.count - index)
                buffer.append(contentsOf: bytes[index..<index + count])
                index += count
                if buffer.count == wanted { act(on: buffer) }
            case .skip:
                let count = min(left, bytes.count - index)
                left -= count
                index += count
                if left == 0 { chunkEnded() }
            case .afterEnd:
                padding += bytes.count - index
                index = bytes.count
            case .broken:
                index = bytes.count
            }
        }
    }

    private mutating func act(on bytes: [UInt8]) {
        position += bytes.count
        buffer.removeAll(keepingCapacity: true)
        switch step {
        case .signature: expect(.chunkStart, 8)
        case .chunkStart: chunkBegan(length: Self.number(bytes[0..<4]), type: bytes[4..<8])
        case .header: readHeader(bytes)
        case .skip, .afterEnd, .broken: break
        }
    }

    private mutating func expect(_ next: Step, _ count: Int) {
        step = next
        wanted = count
    }

    private mutating func chunkBegan(length: Int, type: ArraySlice<UInt8>) {
        guard length < 1 << 31, type.allSatisfy({ (65...90).contains($0 & 0xDF) }) else {
            fault = "the chain of PNG chunks is broken at byte \(position - 8)"
            step = .broken
            return
        }
        let isFirst = chunk.isEmpty
        chunk = String(decoding: type, as: UTF8.self)
        guard isFirst == (chunk == "IHDR"), !isFirst || length == 13 else {
            fault = isFirst ? "the PNG does not begin with its header (IHDR of 13 bytes)" : "the PNG has two headers"
            step = .broken
            return
        }
        if chunk == "IDAT", length > 0 { hasPixels = true }
        if isFirst {
            expect(.header, 17)
        } else {
            step = .skip
            left = length + 4
            position += left
        }
    }

    private mutating func chunkEnded() {
        if chunk == "IEND" {
            step = .afterEnd
            if !hasPixels { fault = fault ?? "the PNG has no picture data (IDAT)" }
        } else {
            expect(.chunkStart, 8)
        }
    }

    /// Thirteen bytes of header (section 11.2.1) and their CRC.
    private mutating func readHeader(_ bytes: [UInt8]) {
        expect(.chunkStart, 8)
        let size = PixelSize(width: Self.number(bytes[0..<4]), height: Self.number(bytes[4..<8]))
        guard Self.checksum(Array("IHDR".utf8) + bytes[0..<13]) == UInt32(Self.number(bytes[13..<17])) else {
            fault = "the checksum of the PNG header is wrong, so its size cannot be believed"
            return
        }
        guard size.width < 1 << 31, size.height < 1 << 31 else {
            fault = "the PNG header says an impossible size"
            return
        }
        self.size = size
        let depths: [UInt8: [UInt8]] = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
        guard depths[bytes[9]]?.contains(bytes[8]) == true, bytes[10] == 0, bytes[11] == 0, bytes[12] < 2 else {
            fault = "the PNG header has values that PNG does not know"
            return
        }
    }

    /// What is wrong, when the file ends here.
    var damage: String? {
        if let fault { return fault }
        switch step {
        case .signature: return "the PNG ends within its first 8 bytes"
        case .chunkStart where buffer.isEmpty: return "the PNG has no end (IEND): the file is cut short"
        case .chunkStart, .header: return "the PNG ends within a chunk: the file is cut short"
        case .skip: return "the PNG ends \(left) bytes before the end of its chunk \(chunk): the file is cut short"
        case .broken: return "the chain of PNG chunks is broken"
        case .afterEnd where padding > PictureProbe.paddingBytesMax:
            return "\(padding) bytes follow the end of the PNG"
        case .afterEnd: return nil
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// CRC-32 of ISO 3309 (annex D); bit by bit, since it is for 17 bytes.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
        }
    }
}
