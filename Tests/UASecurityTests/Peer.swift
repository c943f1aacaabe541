import Foundation
import Testing

@testable import UASecurity

/// Python's cryptography as a counterpart: a list of operations in, a list of results out (see peer.py).
enum Peer {
    struct Failed: Error { let words: String }

    static func run(_ operations: [[String: String]]) throws -> [String] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("peer.py")
        let output = try tool("/usr/bin/python3", ["-W", "ignore", script.path], try JSONEncoder().encode(operations))
        return try JSONDecoder().decode([String].self, from: output)
    }

    static func openssl(_ arguments: String...) throws -> String {
        String(decoding: try tool("/usr/bin/env", ["openssl"] + arguments, Data()), as: UTF8.self)
    }

    private static func tool(_ path: String, _ arguments: [String], _ input: Data) throws -> Data {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["in", "out", "err"].map { name in
            let file = folder.appendingPathComponent(name)
            try (name == "in" ? input : Data()).write(to: file)
            return file
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(words: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
        }
        return try Data(contentsOf: files[1])
    }

    /// A new folder; the caller removes it.
    static func scratch() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("uasecurity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// Keys made once for all tests, by openssl.
enum TestKeys {
    private static func make(_ bits: Int) -> RSAPrivateKey? {
        let made = try? Peer.openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)")
        return made.flatMap { try? RSAPrivateKey(pem: $0) }
    }

    private static let clientKey = make(2048)
    private static let serverKey = make(2048)
    private static let key3072 = make(3072)
    private static let key4096 = make(4096)

    static func client() throws -> RSAPrivateKey { try #require(clientKey) }
    static func server() throws -> RSAPrivateKey { try #require(serverKey) }
    static func of(_ bits: Int) throws -> RSAPrivateKey {
        try #require([2048: clientKey, 3072: key3072, 4096: key4096][bits] ?? nil)
    }
}

/// Seeded randomness, so that a failure can be repeated: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}

/// Hexadecimal digits as bytes; blanks and line ends are passed over.
func bytes(_ hex: String) throws -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }.map { $0 }
    return try stride(from: 0, to: digits.count, by: 2).map { start in
        try #require(UInt8(String(digits[start...min(start + 1, digits.count - 1)]), radix: 16))
    }
}

extension SecurityPolicy {
    /// The three that protect.
    static let secure: [SecurityPolicy] = [.basic256Sha256, .aes128Sha256RsaOaep, .aes256Sha256RsaPss]
}
