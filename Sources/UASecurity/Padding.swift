/// The padding of an encrypted chunk (OPC 10000-6, 6.7.2.5): a size byte n, n bytes of value n and, when the key that
/// encrypts is over 2048 bits, a byte with the high part of n after them.
struct Padding {
    /// The block that the plaintext must fill, in bytes.
    let block: Int
    /// The length of the signature that follows the padding, in bytes.
    let signature: Int
    /// Whether the ExtraPaddingSize byte is there.
    let extra: Bool

    /// The least length of the footer: size bytes and signature.
    var overhead: Int { 1 + (extra ? 1 : 0) + signature }

    /// The bytes that go between the body and the signature.
    ///
    /// - Parameter count: the length of sequence header and body.
    func bytes(after count: Int) -> [UInt8] {
        let over = (count + overhead) % block
        let fill = over == 0 ? 0 : block - over
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: fill), count: fill + 1)
        if extra { bytes.append(UInt8(fill >> 8)) }
        return bytes
    }

    /// The length of sequence header and body in plaintext whose signature was checked and cut off, or nil.
    ///
    /// Looks at every padding byte, whichever is wrong first.
    func bodyLength(of plaintext: ArraySlice<UInt8>) -> Int? {
        let tail = extra ? 2 : 1
        guard plaintext.count >= tail else { return nil }
        let last = plaintext.endIndex - 1
        // Without the extra byte the last byte is the last of the padding, or the size byte itself: n either way.
        let fill = extra ? Int(plaintext[last]) << 8 | Int(plaintext[last - 1]) : Int(plaintext[last])
        let length = plaintext.count - tail - fill
        guard length >= 0 else { return nil }
        let value = UInt8(truncatingIfNeeded: fill)
        let padding = plaintext[(plaintext.startIndex + length)..<(plaintext.endIndex - (extra ? 1 : 0))]
        return padding.reduce(UInt8(0)) { $0 | ($1 ^ value) } == 0 ? length : nil
    }

    /// The longest sequence header and body that fit so many blocks.
    func capacity(blocks: Int) -> Int { max(0, blocks * block - overhead) }
}

/// Writes a chunk's size into bytes 4 to 7 of its header, little-endian (OPC 10000-6, 7.1.2.2).
func stamp(size: Int, into header: [UInt8]) throws(SecurityUseError) -> [UInt8] {
    guard header.count >= 8 else { throw .header }
    guard let size = UInt32(exactly: size) else { throw .tooLong }
    var header = header
    for (offset, shift) in [UInt32(0), 8, 16, 24].enumerated() {
        header[4 + offset] = UInt8(truncatingIfNeeded: size >> shift)
    }
    return header
}

/// The size that a chunk's header says, or nil when the header is too short.
func statedSize(_ chunk: [UInt8]) -> Int? {
    guard chunk.count >= 8 else { return nil }
    return (0..<4).reduce(0) { $0 | Int(chunk[4 + $1]) << (8 * $1) }
}
