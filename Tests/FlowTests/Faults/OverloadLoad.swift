import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization

/// Many senders, each of which sends all of a report before it looks for an answer.
final class OverloadLoad: Sendable {
    enum Answer: Sendable {
        case taken
        /// With the seconds of Retry-After.
        case refused(Int)
        /// What came instead: nothing, where the connection broke.
        case other(String)
    }

    struct Counts: Sendable {
        var answers: [String: Answer] = [:]
        /// When the last one was begun, in seconds.
        var lastAt = 0.0

        var taken: Set<String> { Set(answers.filter { if case .taken = $1 { true } else { false } }.keys) }

        var waits: [Int] { answers.values.compactMap { if case .refused(let seconds) = $0 { seconds } else { nil } } }

        var others: [String] { answers.values.compactMap { if case .other(let words) = $0 { words } else { nil } } }
    }

    private struct State: Sendable {
        var next = 0
        var counts = Counts()
    }

    static let pictureBytes = 200_000
    private static let boundary = "overload"
    private static let assets = 20
    private let port: Int
    private let name: String
    /// Whether each sender has one connection for all of its reports, as far as the server lets it; else one for each.
    private let keepsConnection: Bool
    private let time = SystemTime()
    private let state = Mutex(State())

    init(_ name: String, port: Int, keepsConnection: Bool = false) {
        (self.name, self.port, self.keepsConnection) = (name, port, keepsConnection)
    }

    var counts: Counts { state.withLock { $0.counts } }

    /// - Parameters:
    ///   - rate: reports a second that come whatever becomes of those before; nil where each sender waits for its answer.
    ///   - seconds: how long; twice as long where the server does not hear them sooner.
    func send(senders: Int, rate: Double? = nil, seconds: Double) async {
        let start = time.uptime()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<senders {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            self.goOn(from: start, rate: rate, seconds: seconds)
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    private func goOn(from start: Duration, rate: Double?, seconds: Double) {
        var connection: RawConnection?
        while true {
            let number = state.withLock { state in
                state.next += 1
                return state.next
            }
            let passed = (time.uptime() - start).seconds
            let due = rate.map { Double(number) / $0 } ?? passed
            guard due < seconds, passed < 2 * seconds else { return }
            if due > passed { Thread.sleep(forTimeInterval: due - passed) }
            let begun = (time.uptime() - start).seconds
            let answer = post(number, &connection)
            state.withLock { state in
                state.counts.answers[id(number)] = answer
                state.counts.lastAt = max(state.counts.lastAt, begun)
            }
        }
    }

    private func id(_ number: Int) -> String { "\(name)-\(number)" }

    /// A PNG of one grey pixel, made large and another by what follows it.
    private static let picture: [UInt8] = {
        let png =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
        let bytes = [UInt8](Data(base64Encoded: png) ?? Data())
        return bytes + [UInt8](repeating: UInt8(ascii: "."), count: pictureBytes - bytes.count)
    }()

    static func digest(_ id: String) -> String { Hex.sha256(picture + Array(id.utf8)) }

    private func post(_ number: Int, _ kept: inout RawConnection?) -> Answer {
        let id = id(number)
        let json =
            "{\"id\":\"\(id)\",\"detectedAt\":\"2026-11-24T02:00:00Z\",\"camera\":\"CAM-1\","
            + "\"asset\":\"SHARED-\(number % Self.assets)\","
            + "\"defects\":[{\"class\":\"scratch\",\"confidence\":0.9,\"severity\":0.9}]}"
        let parts =
            "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"inspection\"\r\n"
            + "Content-Type: application/json\r\n\r\n\(json)\r\n--\(Self.boundary)\r\n"
            + "Content-Disposition: form-data; name=\"picture\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n"
        let end = "\(id)\r\n--\(Self.boundary)--\r\n"
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\n"
            + (keepsConnection ? "" : "Connection: close\r\n")
            + "Content-Type: multipart/form-data; boundary=\(Self.boundary)\r\n"
            + "Content-Length: \(parts.utf8.count + Self.picture.count + end.utf8.count)\r\n\r\n"
        guard let connection = try? kept ?? RawConnection(port: port) else { return .other("no connection") }
        guard connection.send(head + parts), connection.send(Self.picture), connection.send(end) else {
            return .other("the connection broke while it sent, and then: " + connection.readToEnd().prefix(60))
        }
        guard keepsConnection else { return Self.answer(connection.readToEnd()) }
        let text = connection.readNow(until: Self.isWhole)
        kept = text.contains("Connection: close") ? nil : connection
        return Self.answer(text)
    }

    private static func isWhole(_ text: String) -> Bool {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let length = parts[0].firstMatch(of: /(?i:content-length): (\d+)/) else { return false }
        return parts[1].utf8.count >= Int(length.1) ?? 0
    }

    private static func answer(_ text: String) -> Answer {
        if text.hasPrefix("HTTP/1.1 202 ") { return .taken }
        let wait = text.firstMatch(of: /\r\n(?i:retry-after): (\d+)\r\n/).flatMap { Int($0.1) }
        guard text.hasPrefix("HTTP/1.1 429 "), let wait else { return .other(String(text.prefix(200))) }
        return .refused(wait)
    }
}
