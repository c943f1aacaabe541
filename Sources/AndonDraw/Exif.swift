/// The orientation in a picture's Exif data (CIPA DC-008-2019): a TIFF header, and tag 274 in the first directory.
public enum Exif {
    private static let orientationTag = 274

    /// - Parameter tiff: from the byte-order mark on.
    /// - Returns: upright for anything that cannot be read: the picture is then shown as it is stored.
    public static func orientation(tiff: some RandomAccessCollection<UInt8>) -> Orientation {
        let bytes = Array(tiff.prefix(1 << 16))
        guard bytes.count >= 8 else { return .upright }
        let isLittle: Bool
        switch (bytes[0], bytes[1]) {
        case (0x49, 0x49): isLittle = true
        case (0x4D, 0x4D): isLittle = false
        default: return .upright
        }
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at + count <= bytes.count else { return nil }
            let part = isLittle ? Array(bytes[at..<at + count].reversed()) : Array(bytes[at..<at + count])
            return part.reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2) else {
            return .upright
        }
        for index in 0..<min(count, 512) {
            let entry = directory + 2 + index * 12
            guard let tag = number(entry, 2) else { break }
            if tag == orientationTag, number(entry + 2, 2) == 3, let value = number(entry + 8, 2) {
                return Orientation(rawValue: value) ?? .upright
            }
        }
        return .upright
    }

    /// How an APP1 segment with Exif data begins.
    public static let head = Array("Exif\0\0".utf8)
}
