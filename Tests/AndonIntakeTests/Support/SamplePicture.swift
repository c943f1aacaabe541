/// Small files with the structure of pictures; their pixels mean nothing.
enum SamplePicture {
    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func jpeg(width: Int, height: Int, application: [UInt8] = Array("JFIF\0".utf8)) -> [UInt8] {
        let frame: [[UInt8]] = [[8], word(height), word(width), [3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]]
        let parts: [[UInt8]] = [
            [0xFF, 0xD8], segment(0xE0, application), [0xFF], segment(0xDB, [UInt8](repeating: 1, count: 65)),
            segment(0xC0, Array(frame.joined())), segment(0xC4, [UInt8](repeating: 2, count: 40)),
            segment(0xDA, [3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]), [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0x78],
            [0xFF, 0xD9],
        ]
        return Array(parts.joined())
    }

    static func png(width: Int, height: Int, data: [UInt8] = [1, 2, 3, 4, 5], checksum: Bool = true) -> [UInt8] {
        let header: [UInt8] = word32(width) + word32(height) + [8, 2, 0, 0, 0]
        var chunk = chunk("IHDR", header)
        if !checksum { chunk[chunk.count - 1] ^= 1 }
        let parts: [[UInt8]] = [
            pngSignature, chunk, self.chunk("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 0]), self.chunk("IDAT", data),
            self.chunk("IEND", []),
        ]
        return Array(parts.joined())
    }

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        var crc: UInt32 = ~0
        for byte in body {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return word32(content.count) + body + word32(Int(~crc))
    }

    private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker] + word(content.count + 2) + content
    }

    private static func word(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

    private static func word32(_ value: Int) -> [UInt8] { word(value >> 16) + word(value & 0xFFFF) }
}
