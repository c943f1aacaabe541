extension Exif {
    /// The orientation of a JPEG or PNG file, 1...8; 1 where it says none (Exif 2.32, section 4.6; PNG, `eXIf`).
    public static func orientation(picture bytes: [UInt8]) -> Int {
        if let header = JPEGHeader(bytes) { return header.orientation }
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            let type = bytes[at + 4..<at + 8]
            guard at + 8 + length <= bytes.count, !type.elementsEqual("IDAT".utf8) else { break }
            if type.elementsEqual("eXIf".utf8) {
                return orientation(tiff: bytes[at + 8..<at + 8 + length]).rawValue
            }
            at += 12 + length
        }
        return 1
    }
}
