import Crypto
import CryptoExtras
import Foundation

/// Protects the MSG and CLO chunks of one direction of a secure channel under one token (OPC 10000-6, 6.7.2, 6.7.7).
public struct MessageProtection: Sendable {
    public let policy: SecurityPolicy
    public let mode: MessageSecurityMode
    private let keys: DirectionKeys

    /// - Parameter mode: with the policy `none` it is taken as `none`, whatever is said.
    public init(policy: SecurityPolicy, mode: MessageSecurityMode, keys: DirectionKeys) {
        self.policy = policy
        self.mode = policy == .none ? .none : mode
        self.keys = keys
    }

    /// No protection at all: for every chunk, OPN too, under the policy `none`.
    public static let unprotected = MessageProtection(
        policy: .none, mode: .none, keys: ChannelKeys(policy: .none, clientNonce: [], serverNonce: []).client)

    private var padding: Padding {
        Padding(block: SecurityPolicy.cipherBlock, signature: policy.symmetricSignatureLength, extra: false)
    }

    /// How many bytes of body a chunk of at most `chunkSize` bytes holds, after a header of `headerLength` bytes
    /// (16 for MSG and CLO) and the sequence header of 8.
    public func bodyCapacity(chunkSize: Int, headerLength: Int = 16) -> Int {
        let room = chunkSize - headerLength
        return switch mode {
        case .none: max(0, room - 8)
        case .sign: max(0, room - 8 - policy.symmetricSignatureLength)
        case .signAndEncrypt: max(0, padding.capacity(blocks: max(0, room) / SecurityPolicy.cipherBlock) - 8)
        }
    }

    /// Makes a chunk ready for the wire.
    ///
    /// - Parameters:
    ///   - header: message header, channel id and token id; its size field (bytes 4 to 7) is filled in here.
    ///   - content: sequence header and body.
    public func secure(header: [UInt8], content: [UInt8]) throws(SecurityUseError) -> [UInt8] {
        let filling = mode == .signAndEncrypt ? padding.bytes(after: content.count) : []
        let code = mode == .none ? 0 : policy.symmetricSignatureLength
        let size = header.count + content.count + filling.count + code
        var chunk = try stamp(size: size, into: header)
        chunk.reserveCapacity(size)
        guard mode == .signAndEncrypt else {
            chunk += content
            if mode == .sign { chunk += signature(over: [chunk[...]]) }
            return chunk
        }
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(size - header.count)
        plaintext += content
        plaintext += filling
        plaintext += signature(over: [chunk[...], plaintext[...]])
        do {
            try AES._CBC.encrypt(plaintext, using: keys.encryption, iv: .init(ivBytes: keys.iv), noPadding: true)
                .withUnsafeBytes { chunk.append(contentsOf: $0) }
        } catch { throw .library("\(error)") }
        return chunk
    }

    /// Opens a chunk from the wire.
    ///
    /// - Parameters:
    ///   - chunk: the whole chunk, no more and no less.
    ///   - headerLength: the bytes before the sequence header: 16 for MSG and CLO.
    /// - Returns: sequence header and body.
    public func open(_ chunk: [UInt8], headerLength: Int = 16) throws(SecurityChecksFailed) -> [UInt8] {
        guard statedSize(chunk) == chunk.count, chunk.count >= headerLength + 8 else { throw .init(.length) }
        switch mode {
        case .none: return Array(chunk[headerLength...])
        case .sign:
            let end = chunk.count - policy.symmetricSignatureLength
            guard end >= headerLength + 8 else { throw .init(.length) }
            try check(chunk[end...], over: [chunk[..<end]])
            return Array(chunk[headerLength..<end])
        case .signAndEncrypt: return try decrypt(chunk, headerLength: headerLength)
        }
    }

    /// The code is checked before the padding is looked at, and covers it: there is nothing for a padding oracle.
    private func decrypt(_ chunk: [UInt8], headerLength: Int) throws(SecurityChecksFailed) -> [UInt8] {
        let count = chunk.count - headerLength
        guard count % SecurityPolicy.cipherBlock == 0, count >= 8 + padding.overhead,
            let iv = try? AES._CBC.IV(ivBytes: keys.iv),
            let decrypted = try? AES._CBC.decrypt(
                chunk[headerLength...], using: keys.encryption, iv: iv, noPadding: true),
            decrypted.count == count
        else { throw .init(.length) }
        let plaintext = decrypted.withUnsafeBytes { Array($0) }
        let end = count - policy.symmetricSignatureLength
        try check(plaintext[end...], over: [chunk[..<headerLength], plaintext[..<end]])
        guard let length = padding.bodyLength(of: plaintext[..<end]), length >= 8 else { throw .init(.padding) }
        return Array(plaintext[..<length])
    }

    private func signature(over parts: [ArraySlice<UInt8>]) -> HMAC<SHA256>.MAC {
        var code = HMAC<SHA256>(key: keys.signing)
        for part in parts { code.update(data: part) }
        return code.finalize()
    }

    private func check(_ code: ArraySlice<UInt8>, over parts: [ArraySlice<UInt8>]) throws(SecurityChecksFailed) {
        guard equalInConstantTime(Array(signature(over: parts)), code) else { throw .init(.signature) }
    }
}
