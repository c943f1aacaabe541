import AndonModel
import Crypto
import Foundation
import Synchronization

/// A wire that writes down every exchange over another one: the transmission log of one attempt.
///
/// Of a request it keeps the method, the address without secrets, the size and the SHA-256 of the body; of an
/// answer the status, size and SHA-256. Headers are not kept: they carry credentials.
public final class RecordingWire: Wire {
    private let wire: any Wire
    private let time: any TimeSource
    private let log = Mutex<[Exchange]>([])

    private struct Exchange {
        var json: JSON
        var status: Int?
    }

    /// An attempt that needs more exchanges than this has lost its way; the log keeps the first ones.
    private static let exchangesMax = 50

    public init(_ wire: any Wire, time: any TimeSource) {
        self.wire = wire
        self.time = time
    }

    public var exchanges: JSON { log.withLock { .array($0.map(\.json)) } }
    public var status: Int? { log.withLock { $0.last?.status } }

    public func now() -> Timestamp { wire.now() }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let at = time.now()
        let start = time.uptime()
        var entry: [String: JSON?] = [
            "method": .string(request.method), "url": .string(Self.withoutSecrets(request.url)), "at": .time(at),
        ]
        switch request.body {
        case .none: break
        case .bytes(let bytes): entry.merge(Self.digest([.bytes(bytes)])) { $1 }
        case .file(let path, let size): entry.merge(Self.digest([.file(path: path, bytes: size)])) { $1 }
        case .parts(let parts): entry.merge(Self.digest(parts)) { $1 }
        }
        do {
            let response = try await wire.exchange(request)
            entry["status"] = .integer(response.status)
            entry["responseBytes"] = .integer(response.body.count)
            entry["responseSha256"] = .string(Self.hex(SHA256.hash(data: response.body)))
            keep(entry, status: response.status, since: start)
            return response
        } catch {
            switch error {
            case .notSent(let reason): entry["notSent"] = .string(reason)
            case .noAnswer(let reason): entry["noAnswer"] = .string(reason)
            }
            keep(entry, status: nil, since: start)
            throw error
        }
    }

    private func keep(_ entry: [String: JSON?], status: Int?, since start: Duration) {
        var entry = entry
        entry["milliseconds"] = .number((time.uptime() - start).milliseconds.rounded())
        log.withLock { log in
            guard log.count < Self.exchangesMax else { return }
            log.append(Exchange(json: .object(present: entry), status: status))
        }
    }

    private static let secretNames: Set<String> = [
        "apikey", "api_key", "token", "access_token", "signature", "accesskey", "secret", "password", "key", "sig",
        "appkey",
    ]

    /// The address with the values of parameters that may be credentials replaced, and without user information.
    static func withoutSecrets(_ url: String) -> String {
        var text = Substring(url)
        if let scheme = text.range(of: "://"), let at = text[scheme.upperBound...].firstIndex(of: "@"),
            !text[scheme.upperBound..<at].contains("/")
        {
            text = text[..<scheme.upperBound] + text[text.index(after: at)...]
        }
        guard let mark = text.firstIndex(of: "?") else { return String(text) }
        let pairs = text[text.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let kept = pairs.map { pair -> String in
            let name = pair.prefix { $0 != "=" }
            return secretNames.contains(name.lowercased()) ? "\(name)=[secret]" : String(pair)
        }
        return "\(text[..<mark])?\(kept.joined(separator: "&"))"
    }

    private static func digest(_ parts: [WireRequest.Part]) -> [String: JSON?] {
        var hash = SHA256()
        for part in parts {
            switch part {
            case .bytes(let bytes): hash.update(data: bytes)
            case .file(let path, _), .base64(let path, _):
                // Of a file in base64 the digest is the file's own: that is what one compares it with.
                let handle = FileHandle(forReadingAtPath: path)
                while let chunk = try? handle?.read(upToCount: 256 << 10), !chunk.isEmpty { hash.update(data: chunk) }
            }
        }
        return [
            "requestBytes": .integer(parts.reduce(0) { $0 + $1.count }), "requestSha256": .string(hex(hash.finalize())),
        ]
    }

    private static func hex(_ digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
