import AndonVision
import CPixels

enum PNGFile {
    /// Reads the head, and hands the open picture over when its size is sane.
    static func read<Value>(
        _ bytes: [UInt8], pixelsMax: Int, _ body: (OpaquePointer, andon_png_info) throws(CaptureError) -> Value
    ) throws(CaptureError) -> Value {
        let result = bytes.withUnsafeBufferPointer { file -> Result<Value, CaptureError> in
            Result { () throws(CaptureError) in
                var info = andon_png_info()
                guard let picture = andon_png_open(file.baseAddress, file.count, &info) else {
                    throw CaptureError(.refused, "the PNG file cannot be read: out of memory")
                }
                defer { andon_png_close(picture) }
                if let words = andon_png_error(picture) { throw refusal(words) }
                try Decoding.require(Int(info.width), Int(info.height), pixelsMax)
                return try body(picture, info)
            }
        }
        return try result.get()
    }

    static func decode(_ bytes: [UInt8], as colour: Pixels.Colour, pixelsMax: Int) throws(CaptureError) -> Pixels {
        try read(bytes, pixelsMax: pixelsMax) { picture, info throws(CaptureError) in
            let (width, height) = (Int(info.width), Int(info.height))
            let stride = width * colour.rawValue
            var isWhole = true
            let samples = [UInt8](unsafeUninitializedCapacity: stride * height) { room, filled in
                while filled < room.count, let row = andon_png_row(picture) {
                    copy(row, info, width, to: UnsafeMutableBufferPointer(rebasing: room[filled..<filled + stride]))
                    filled += stride
                }
                isWhole = filled == room.count
            }
            if let words = andon_png_error(picture) { throw refusal(words) }
            guard isWhole else { throw CaptureError(.refused, "the PNG file ends too early") }
            return Pixels(width: width, height: height, colour: colour, samples: samples)
        }
    }

    private static func refusal(_ words: UnsafePointer<CChar>) -> CaptureError {
        CaptureError(.refused, "the PNG file cannot be read: \(String(cString: words))")
    }

    /// One row. Of 16 bits the first byte is the high one; the last of two or four channels is the opacity.
    private static func copy(
        _ row: UnsafePointer<UInt8>, _ info: andon_png_info, _ width: Int, to line: UnsafeMutableBufferPointer<UInt8>
    ) {
        let (channels, bytes) = (Int(info.channels), Int(info.bits) / 8)
        let isGrey = line.count == width
        for column in 0..<width {
            let pixel = row + column * channels * bytes
            let opacity = channels % 2 == 0 ? Int(pixel[(channels - 1) * bytes]) : 255
            func value(_ channel: Int) -> Int {
                let own = Int(pixel[(channels < 3 ? 0 : channel) * bytes])
                return opacity == 255 ? own : (own * opacity + 255 * (255 - opacity)) / 255
            }
            if !isGrey {
                for channel in 0..<3 { line[column * 3 + channel] = UInt8(value(channel)) }
            } else if channels < 3 {
                line[column] = UInt8(value(0))
            } else {
                // In 65,536ths, rounded, as libjpeg has it.
                let sum = 19_595 * value(0) + 38_470 * value(1) + 7_471 * value(2) + 32_768
                line[column] = UInt8(sum >> 16)
            }
        }
    }
}
