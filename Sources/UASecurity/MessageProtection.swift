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
        switch mode {
        case .none: return try stamp(size: header.count + content.count, into: header) + content
        case .sign:
            let size = header.count + content.count + policy.symmetricSignatureLength
            let signed = try stamp(size: size, into: header) + content
            return signed + signature(over: signed)
        case .signAndEncrypt:
            let padded = content + padding.bytes(after: content.count)
            let size = header.count + padded.count + policy.symmetricSignatureLength
            let header = try stamp(size: size, into: header)
            let plaintext = padded + signature(over: header + padded)
            do {
                return try header
                    + AES._CBC.encrypt(plaintext, using: keys.encryption, iv: .init(ivBytes: keys.iv), noPadding: true)
            } catch { throw .library("\(error)") }
        }
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
            try check(chunk[end...], over: chunk[..<end])
            return Array(chunk[headerLength..<end])
        case .signAndEncrypt: return try decrypt(chunk, headerLength: headerLength)
        }
    }

    /// The code is checked before the padding is looked at, and covers it: there is nothing for a padding oracle.
    private func decrypt(_ chunk: [UInt8], headerLength: Int) throws(SecurityChecksFailed) -> [UInt8] {
        let count = chunk.count - headerLength
        guard count % SecurityPolicy.cipherBlock == 0, count >= 8 + padding.overhead,
            let iv = try? AES._CBC.IV(ivBytes: keys.iv),
            let plaintext = try? AES._CBC.decrypt(
                chunk[headerLength...], using: keys.encryption, iv: iv, noPadding: true),
            plaintext.count == count
        else { throw .init(.length) }
        let clear = chunk[..<headerLength] + plaintext
        let end = clear.count - policy.symmetricSignatureLength
        try check(clear[end...], over: clear[..<end])
        guard let length = padding.bodyLength(of: clear[headerLength..<end]), length >= 8 else {
            throw .init(.padding)
        }
        return Array(clear[headerLength..<headerLength + length])
    }

    private func signature(over bytes: [UInt8]) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: bytes, using: keys.signing)
    }

    private func check(_ code: ArraySlice<UInt8>, over bytes: ArraySlice<UInt8>) throws(SecurityChecksFailed) {
        // The library compares in constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(Data(code), authenticating: bytes, using: keys.signing) else {
            throw .init(.signature)
        }
    }
}
