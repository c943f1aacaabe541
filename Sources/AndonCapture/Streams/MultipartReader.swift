/// Cuts a stream of pictures at the lengths that it states: `multipart/x-mixed-replace` (RFC 2046, section 5.1) with a
/// `Content-length` in each part, as ffmpeg's `mpjpeg` and GStreamer's `multipartmux` write it.
///
/// Markers within a picture are never looked for: a JPEG with a thumbnail holds more than one end.
package struct MultipartReader {
    /// Bytes of one picture at most.
    let bytesMax: Int
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    /// Bytes of the part under way that are not here yet; nil between parts.
    private var missing: Int?

    private static let headMax = 4096

    package struct Fault: Error, CustomStringConvertible {
        package var description: String
    }

    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Whether the stream may end here.
    package var isBetweenParts: Bool { missing == nil && head.allSatisfy { $0 == 13 || $0 == 10 } }

    /// - Returns: the pictures that end in these bytes.
    package mutating func read(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if let missing {
                let piece = rest.prefix(missing)
                body.append(contentsOf: piece)
                rest = rest.dropFirst(piece.count)
                guard piece.count == missing else {
                    self.missing = missing - piece.count
                    return found
                }
                found.append(body)
                (body, self.missing) = ([], nil)
            } else {
                try readHead(&rest)
            }
        }
        return found
    }

    private mutating func readHead(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(Fault) {
        while let byte = rest.popFirst() {
            head.append(byte)
            guard byte == 10, let end = headEnd else {
                guard head.count <= Self.headMax else {
                    throw Fault(
                        description: "a part's head has more than \(Self.headMax) bytes: not a stream of pictures")
                }
                continue
            }
            let text = String(decoding: head[..<end], as: UTF8.self)
            head = []
            // Line ends between a part and the next boundary.
            guard text.contains(where: { !$0.isNewline }) else { continue }
            let length = try Self.length(text)
            guard 1...bytesMax ~= length else {
                throw Fault(description: "a picture of \(length) bytes was announced; from 1 to \(bytesMax) are taken")
            }
            missing = length
            body.reserveCapacity(length)
            return
        }
    }

    /// Where an empty line ends the head.
    private var headEnd: Int? {
        if head.suffix(4) == [13, 10, 13, 10] { return head.count - 4 }
        return head.suffix(2) == [10, 10] ? head.count - 2 : nil
    }

    private static func length(_ head: String) throws(Fault) -> Int {
        for line in head.split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2, sides[0].lowercased() == "content-length" else { continue }
            let digits = sides[1].trimmingPrefix { $0 == " " }
            guard let length = Int(digits), digits.allSatisfy(\.isNumber) else {
                throw Fault(description: "the length of a part is no number: \(digits.prefix(20))")
            }
            return length
        }
        throw Fault(description: "a part does not say how long it is (Content-length)")
    }
}
