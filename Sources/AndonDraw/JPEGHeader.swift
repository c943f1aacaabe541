/// What a JPEG file says of itself before its first scan (ITU-T T.81, annex B; Exif 2.32, section 4.6).
struct JPEGHeader: Hashable, Sendable {
    /// As stored, before the orientation.
    var width: Int
    var height: Int
    /// 1...8 as in Exif: how the stored picture is turned and mirrored to be seen upright.
    var orientation: Int
    /// Baseline or progressive, by Huffman codes, 8 bits a sample: what every reader of PDF decodes.
    var isCommon: Bool

    /// nil for what is no JPEG file, or ends before its size.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var at = 2
        var turned = 1
        while at + 4 <= bytes.count {
            guard bytes[at] == 0xFF else { return nil }
            let marker = bytes[at + 1]
            if marker == 0xFF {
                at += 1
                continue
            }
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            let end = at + 2 + length
            guard length >= 2, end <= bytes.count, marker != 0xD9, marker != 0xDA else { return nil }
            let body = bytes[(at + 4)..<end]
            if marker == 0xE1, let found = Self.orientation(body) { turned = found }
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                guard let frame = Self.frame(body) else { return nil }
                (width, height, orientation) = (frame.width, frame.height, turned)
                isCommon = [0xC0, 0xC1, 0xC2].contains(marker) && frame.bits == 8
                return
            }
            at = end
        }
        return nil
    }

    /// Of the picture as it is seen.
    var isTurned: Bool { orientation > 4 }

    private static func frame(_ body: ArraySlice<UInt8>) -> (bits: Int, width: Int, height: Int)? {
        let bytes = Array(body)
        guard bytes.count >= 6 else { return nil }
        let height = Int(bytes[1]) << 8 | Int(bytes[2])
        let width = Int(bytes[3]) << 8 | Int(bytes[4])
        return width > 0 && height > 0 ? (Int(bytes[0]), width, height) : nil
    }

    /// The tag 0x0112 of the first directory of an Exif segment.
    private static func orientation(_ body: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(body)
        guard bytes.count >= 14, bytes.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) else { return nil }
        let tiff = Array(bytes[6...])
        let isLittle = tiff[0] == 0x49
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at + count <= tiff.count else { return nil }
            let digits = tiff[at..<(at + count)]
            return (isLittle ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let start = number(4, 4), let count = number(start, 2) else { return nil }
        for entry in 0..<count {
            let at = start + 2 + entry * 12
            guard let tag = number(at, 2) else { return nil }
            if tag == 0x0112, let value = number(at + 8, 2), (1...8).contains(value) { return value }
        }
        return nil
    }
}
