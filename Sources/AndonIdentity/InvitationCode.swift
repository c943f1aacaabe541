import AndonLedger
import AndonModel
import Foundation

/// Sixteen characters that are hard to misread (Crockford's base 32): 80 bits, good for one use.
enum InvitationCode {
    private static let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    static func make(_ random: any RandomSource) -> String {
        let characters = random.bytes(16).map { letters[Int($0 & 31)] }
        return stride(from: 0, to: 16, by: 4).map { String(characters[$0..<$0 + 4]) }.joined(separator: "-")
    }

    /// Hyphens, spaces and small letters do not matter, nor the letters that look like digits.
    static func digest(_ code: String) -> String {
        let plain = code.uppercased().map { ["O": "0", "I": "1", "L": "1"][$0] ?? $0 }
            .filter { letters.contains($0) }
        return Hex.sha256(Array(String(plain).utf8))
    }
}

/// The way to the first account: a code in a file that only the server's administrator can read.
public struct SetUpCode: Sendable {
    let path: String

    public init(folder: String) { path = folder + "/set-up-code" }

    struct Content {
        var code: String
        /// Who asked for it, and why, where there are accounts already.
        var by: String?
        var reason: String?
    }

    /// The code itself, for who runs the server; nil without the file.
    public var code: String? { read()?.code }

    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes the file, mode 0600.
    /// - Returns: the code.
    public func make(by person: String? = nil, reason: String? = nil, random: any RandomSource) throws -> String {
        let code = InvitationCode.make(random)
        let text = [code, person ?? "", reason ?? ""].map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
        remove()
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw StoreError.unusable("\(path) cannot be written") }
        return code
    }

    func read() -> Content? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let code = lines.first, !code.isEmpty else { return nil }
        func line(_ number: Int) -> String? { lines.count > number && !lines[number].isEmpty ? lines[number] : nil }
        return Content(code: code, by: line(1), reason: line(2))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
