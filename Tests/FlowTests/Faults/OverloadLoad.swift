import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization

/// Many senders, each with a connection of its own for each report, which send all of it before they look for an answer.
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
    private let time = SystemTime()
    private let state = Mutex(State())

    init(_ name: String, port: Int) { (self.name, self.port) = (name, port) }

    var counts: Counts { state.withLock { $0.counts } }

    /// - Parameters:
    ///   - rate: reports a second that come whatever becomes of those before; nil where each sender waits for its answer.
    ///   - seconds: how long.
    /// - Returns: how long it took.
    func send(senders: Int, rate: Double? = nil, seconds: Double) async -> Double {
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
        return (time.uptime() - start).seconds
    }

    private func goOn(from start: Duration, rate: Double?, seconds: Double) {
        while true {
            let number = state.withLock { state in
                state.next += 1
                return state.next
            }
            let passed = (time.uptime() - start).seconds
            let due = rate.map { Double(number) / $0 } ?? passed
            guard due < seconds, passed < 3 * seconds else { return }
            if due > passed { Thread.sleep(forTimeInterval: due - passed) }
            let answer = post(number)
            state.withLock { $0.counts.answers[id(number)] = answer }
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

    private func post(_ number: Int) -> Answer {
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
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Content-Type: multipart/form-data; boundary=\(Self.boundary)\r\n"
            + "Content-Length: \(parts.utf8.count + Self.picture.count + end.utf8.count)\r\n\r\n"
        guard let connection = try? RawConnection(port: port) else { return .other("no connection") }
        guard connection.send(head + parts), connection.send(Self.picture), connection.send(end) else {
            return .other("the connection broke while it sent, and then: " + connection.readToEnd().prefix(60))
        }
        return Self.answer(connection.readToEnd())
    }

    private static func answer(_ text: String) -> Answer {
        if text.hasPrefix("HTTP/1.1 202 ") { return .taken }
        let wait = text.firstMatch(of: /\r\n(?i:retry-after): (\d+)\r\n/).flatMap { Int($0.1) }
        guard text.hasPrefix("HTTP/1.1 429 "), let wait else { return .other(String(text.prefix(200))) }
        return .refused(wait)
    }
}
