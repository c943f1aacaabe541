/// JPEG files that no program at hand writes, bit by bit (ITU-T T.81, annexes B and F).
enum JPEGMaker {
    /// Four components without subsampling, each of one value: blocks with a DC coefficient alone.
    ///
    /// With Adobe's marker the four are stored inverted, as all programs do that write it.
    static func fourColours(_ width: Int, _ height: Int, hasAdobe: Bool) throws -> [UInt8] {
        var file: [UInt8] = [0xFF, 0xD8]
        func segment(_ code: UInt8, _ bytes: [UInt8]) {
            file += [0xFF, code, UInt8((bytes.count + 2) >> 8), UInt8((bytes.count + 2) & 0xFF)] + bytes
        }
        if hasAdobe { segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0]) }
        segment(0xDB, [0] + [UInt8](repeating: 8, count: 64))
        let sides = [UInt8(height >> 8), UInt8(height & 0xFF), UInt8(width >> 8), UInt8(width & 0xFF)]
        segment(0xC0, [8] + sides + [4] + (1...4).flatMap { [UInt8($0), 0x11, 0] })
        // DC: category 0 is 0, category 7 is 10; AC: the end of the block is 0.
        segment(0xC4, [0x00, 1, 1] + [UInt8](repeating: 0, count: 14) + [0, 7])
        segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0x00])
        segment(0xDA, [4] + (1...4).flatMap { [UInt8($0), 0] } + [0, 63, 0])
        var bits: [Bool] = []
        let blocks = ((width + 7) / 8) * ((height + 7) / 8)
        for block in 0..<blocks {
            for component in 0..<4 {
                // 64 of ink in the first block of each, the same in all others.
                if block == 0 {
                    let value = 64 + component
                    bits += [true, false] + (0..<7).reversed().map { value >> $0 & 1 == 1 }
                } else {
                    bits.append(false)
                }
                bits.append(false)
            }
        }
        while bits.count % 8 != 0 { bits.append(true) }
        for start in stride(from: 0, to: bits.count, by: 8) {
            let byte = bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
            file.append(byte)
            if byte == 0xFF { file.append(0) }
        }
        return file + [0xFF, 0xD9]
    }
}
