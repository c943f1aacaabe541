/// Walks over the marker segments of a JPEG (ITU-T T.81 annex B) by their lengths up to the first scan, then
/// watches for the end marker.
struct JPEGWalk: Sendable {
    private(set) var size: PixelSize?
    private var fault: String?

    private enum Step {
        /// A marker's 0xFF should be here.
        case marker
        /// The byte after 0xFF, which may be repeated as fill (B.1.1.2).
        case code
        case length
        case frame
        case skip
        /// Entropy-coded data: from the first scan to the end of the file.
        case scan
        case broken
    }

    private var step = Step.marker
    private var code: UInt8 = 0
    private var buffer: [UInt8] = []
    private var wanted = 0
    private var left = 0
    private var position = 0
    /// Bytes since the last end marker, once one was seen after the first scan began.
    private var bytesAfterEnd: Int?
    private var lastByte: UInt8 = 0

    mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < bytes.count {
            switch step {
            case .marker, .code:
                read(bytes[index])
                index += 1
            case .length, .frame:
                let count = min(wanted - buffer.count, bytes.count - index)
                buffer.append(contentsOf: bytes[index..<index + count])
                index += count
                position += count
                if buffer.count == wanted { readCollected() }
            case .skip:
                let count = min(left, bytes.count - index)
                left -= count
                index += count
                position += count
                if left == 0 { segmentEnded() }
            case .scan:
                watchForEnd(UnsafeBufferPointer(rebasing: bytes[index...]))
                index = bytes.count
            case .broken:
                index = bytes.count
            }
        }
    }

    private mutating func read(_ byte: UInt8) {
        position += 1
        if step == .marker {
            guard byte == 0xFF else { return breakOff("the chain of JPEG segments is broken at byte \(position - 1)") }
            step = .code
            return
        }
        guard byte != 0xFF else { return }
        code = byte
        switch byte {
        case 0xD8 where position == 2: step = .marker
        case 0xD9: breakOff("the JPEG ends before any picture data")
        case 0x01, 0xD0...0xD7: step = .marker
        case 0x00, 0xD8: breakOff("the chain of JPEG segments is broken at byte \(position - 2)")
        default: collect(.length, 2)
        }
    }

    private mutating func breakOff(_ reason: String) {
        fault = fault ?? reason
        step = .broken
    }

    private mutating func collect(_ next: Step, _ count: Int) {
        step = next
        wanted = count
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func readCollected() {
        if step == .frame { return readFrame() }
        let length = Int(buffer[0]) << 8 | Int(buffer[1])
        guard length >= 2 else { return breakOff("a JPEG segment at byte \(position - 4) says a length of \(length)") }
        left = length - 2
        if isFrame, size == nil {
            guard left >= 6 else { return breakOff("the JPEG frame header says a length of \(length)") }
            left -= 6
            collect(.frame, 6)
        } else if left == 0 {
            segmentEnded()
        } else {
            step = .skip
        }
    }

    /// SOF0 to SOF15 without DHT, JPG and DAC, which lie between them (table B.1).
    private var isFrame: Bool { (0xC0...0xCF).contains(code) && ![0xC4, 0xC8, 0xCC].contains(code) }

    /// Precision, height, width, number of components (B.2.2).
    private mutating func readFrame() {
        size = PixelSize(width: Int(buffer[3]) << 8 | Int(buffer[4]), height: Int(buffer[1]) << 8 | Int(buffer[2]))
        let components = Int(buffer[5])
        if left != 3 * components || components == 0 { fault = fault ?? "the JPEG frame header says a wrong length" }
        if left == 0 { segmentEnded() } else { step = .skip }
    }

    private mutating func segmentEnded() {
        step = code == 0xDA ? .scan : .marker
        if step == .scan, size == nil { fault = fault ?? "the JPEG has picture data before its size" }
    }

    /// In entropy-coded data 0xFF is followed by 0 or a restart marker, so FF D9 is the end marker. Only the last
    /// one counts, and only when it is near the end: so only the end of what arrived is looked at.
    private mutating func watchForEnd(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let after = bytesAfterEnd { bytesAfterEnd = after + bytes.count }
        var index = bytes.count - 1
        let first = max(0, bytes.count - PictureProbe.paddingBytesMax - 2)
        while index >= first {
            if bytes[index] == 0xD9, (index > 0 ? bytes[index - 1] : lastByte) == 0xFF {
                bytesAfterEnd = bytes.count - 1 - index
                break
            }
            index -= 1
        }
        lastByte = bytes[bytes.count - 1]
    }

    /// What is wrong, when the file ends here.
    var damage: String? {
        if let fault { return fault }
        switch step {
        case .scan:
            if let after = bytesAfterEnd, after <= PictureProbe.paddingBytesMax { return nil }
            return
                "the JPEG has no end marker (FF D9) in its last \(PictureProbe.paddingBytesMax) bytes: the file is cut "
                + "short"
        case .skip: return "the JPEG ends \(left) bytes before the end of a segment: the file is cut short"
        case .marker, .code, .length, .frame, .broken:
            return "the JPEG ends before its picture data: the file is cut short"
        }
    }
}
