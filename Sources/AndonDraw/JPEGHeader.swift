/// What a JPEG file says of itself before its first scan (ITU-T T.81, annex B; Exif 2.32, section 4.6).
struct JPEGHeader: Hashable, Sendable {
    /// As stored, before the orientation.
    var width: Int
    var height: Int
    /// How the stored picture is turned and mirrored to be seen upright.
    var turn: Orientation
    /// Baseline or progressive, by Huffman codes, 8 bits a sample: what every reader of PDF decodes.
    var isCommon: Bool

    /// nil for what is no JPEG file, or ends before its size.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var at = 2
        var turned = Orientation.upright
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
            if marker == 0xE1, body.starts(with: Exif.head) {
                turned = Exif.orientation(tiff: body.dropFirst(Exif.head.count))
            }
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                guard let frame = Self.frame(body) else { return nil }
                (width, height, turn) = (frame.width, frame.height, turned)
                isCommon = [0xC0, 0xC1, 0xC2].contains(marker) && frame.bits == 8
                return
            }
            at = end
        }
        return nil
    }

    /// As Exif has it, 1...8.
    var orientation: Int { turn.rawValue }
    /// Of the picture as it is seen.
    var isTurned: Bool { turn.swapsSides }

    private static func frame(_ body: ArraySlice<UInt8>) -> (bits: Int, width: Int, height: Int)? {
        let bytes = Array(body)
        guard bytes.count >= 6 else { return nil }
        let height = Int(bytes[1]) << 8 | Int(bytes[2])
        let width = Int(bytes[3]) << 8 | Int(bytes[4])
        return width > 0 && height > 0 ? (Int(bytes[0]), width, height) : nil
    }
}
