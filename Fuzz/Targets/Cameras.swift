import AndonCapture
import AndonModel
import AndonVision

/// What cameras and those who send frames for them give: streams of pictures, notes and pixels.
extension FuzzTarget {
    static let cameras = [pictureParts, frameNote, framePixels]

    private static let pictureBytesMax = 1000

    /// However a stream is cut, the same pictures come out of it, none larger than is taken.
    private static let pictureParts = FuzzTarget(
        "picture-parts", shortCount: 1000,
        seeds: {
            let thumbnail = "\u{FF}\r\n--ffmpeg\r\nContent-length: 3\r\n\r\nabc"
            return [
                "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 3\r\n\r\nabc\r\n--ffmpeg\r\nContent-length: 1\r\n\r\nd\r\n",
                "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nabcd\r\n--b\nContent-Length: 2\n\nef",
                "--b\r\nContent-Length: \(thumbnail.utf8.count)\r\n\r\n\(thumbnail)\r\n",
            ].asBytes
        },
        check: { input in
            let whole = read(input, pieces: max(1, input.count))
            try promise(whole.pictures.allSatisfy { 1...pictureBytesMax ~= $0.count }, "a picture is too large")
            for pieces in [1, 7] {
                let cut = read(input, pieces: pieces)
                try promise(cut.end == whole.end, "pieces of \(pieces) bytes end otherwise: \(cut.end), \(whole.end)")
                // Those that came with the bytes of a fault go with it.
                try promise(cut.pictures.starts(with: whole.pictures), "pieces of \(pieces) bytes give other pictures")
            }
        })

    private static func read(_ input: [UInt8], pieces: Int) -> (pictures: [[UInt8]], end: String) {
        var reader = MultipartReader(bytesMax: pictureBytesMax)
        var pictures: [[UInt8]] = []
        do {
            for start in stride(from: 0, to: input.count, by: pieces) {
                let piece = Array(input[start..<min(input.count, start + pieces)])
                pictures += try piece.withUnsafeBytes { try reader.read($0) }
            }
            return (pictures, reader.isBetweenParts ? "whole" : "cut off")
        } catch {
            return (pictures, "\(error)")
        }
    }

    /// What is read of a note is written and read again as the same.
    private static let frameNote = FuzzTarget(
        "frame-note",
        seeds: {
            [
                #"""
                {"id":"f-1","unit":"U-7","lot":"L-2","asset":"PRESS-07","capturedAt":"2026-11-23T21:09:00.25+01:00",
                "attributes":{"gain":1.5,"lamp":["a",null]}}
                """#
            ].asBytes
        },
        check: { input in
            do {
                let note = try Sidecar(input)
                let again = try? Sidecar(written(note))
                try promise(again == note, "a note is written otherwise than it was read")
            } catch let error as CaptureError {
                try promise(error.description.utf8.count < 4000, "the refusal is long")
            }
        })

    private static func written(_ sidecar: Sidecar) -> [UInt8] {
        let note = sidecar.note
        let texts = [
            "id": note.id, "unit": note.unit, "lot": note.lot, "asset": note.asset,
            "capturedAt": sidecar.capturedAt.map { "\($0)" },
        ]
        var members: [String: JSON] = texts.compactMapValues { $0.map { .string($0) } }
        members["attributes"] = .object(note.attributes)
        return JSON.object(members).canonicalBytes
    }

    /// A picture is refused in few words, or has the same size in both colours, and so has its JPEG.
    private static let framePixels = FuzzTarget(
        "frame-pixels", shortCount: 1000, seeds: { try jpegs() + pngs() },
        check: { input in
            let pixelsMax = 1 << 14
            do {
                let picture = try PixelDecoder.picture(input, pixelsMax: pixelsMax)
                let grey = try PixelDecoder().decode(picture, as: .grey, pixelsMax: pixelsMax)
                try promise(grey.width * grey.height <= pixelsMax, "more pixels than are taken")
                let copy = try PixelDecoder.encodeJPEG(grey, quality: 80)
                let again = try PixelDecoder().decode(copy, as: .rgb, pixelsMax: pixelsMax)
                try promise(again.width == grey.width && again.height == grey.height, "the copy has another size")
                let colour = try PixelDecoder().decode(picture, as: .rgb, pixelsMax: pixelsMax)
                try promise(colour.width == grey.width && colour.height == grey.height, "the colours differ in size")
            } catch let error as CaptureError {
                try promise(error.description.utf8.count < 2000, "the refusal is long")
            }
        })
}
