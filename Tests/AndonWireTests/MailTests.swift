import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonWire

@Suite("Mail to a real relay")
struct MailTests {
    private func send(
        _ message: String, _ url: String, settings: WireSettings = WireSettings(),
        _ headers: [String: String] = [:]
    ) async throws(WireError) -> WireResponse {
        let time = SystemTime()
        let wire = LiveWire(egress: EgressGuard(time: time, allows: { _ in true }), time: time, settings: settings)
        let envelope = ["from": "andon@plant.example", "to": "planner@plant.example", "security": "none"]
        let all = envelope.merging(headers) { $1 }.map { WireRequest.Header($0, $1) }
        return try await wire.exchange(WireRequest("SEND", url, headers: all, body: .bytes(Array(message.utf8))))
    }

    private static func message(_ text: String) -> String {
        "From: a@b.example\r\nTo: c@d.example\r\nSubject: s\r\nMessage-ID: <1@b.example>\r\n"
            + "Date: Mon, 23 Nov 2026 21:09:00 +0000\r\n\r\n\(text)"
    }

    @Test("A message arrives as it was, with lines that begin with dots and an end without a line break")
    func dots() async throws {
        let relay = try RealMailRelay()
        let text = "one\r\n.\r\n..two\r\n.three"
        let answer = try await send(Self.message(text), "smtp://127.0.0.1:\(relay.port)")
        #expect(answer.status == 250 && String(decoding: answer.body, as: UTF8.self) == "OK queued")
        let arrived = try #require(relay.messages.first)
        #expect(arrived.text.replacing("\r\n", with: "\n") == "one\n.\n..two\n.three\n")
        #expect(arrived.from == "andon@plant.example" && arrived.to == ["planner@plant.example"])
    }

    @Test("With STARTTLS and with TLS from the start, signed in; by a stranger's certificate nothing is said")
    func encrypted() async throws {
        let plant = try await PlantCertificates()
        let trusting = WireSettings(trustedCertificates: [plant.authority])
        for (security, scheme) in [("starttls", "smtp"), ("tls", "smtps")] {
            let relay = try RealMailRelay(
                security: security, certificate: plant.server.certificate, key: plant.server.key,
                password: "p4ss")
            let url = "\(scheme)://127.0.0.1:\(relay.port)"
            let good = ["security": security, "user": "andon", "password": "p4ss"]
            #expect(try await send(Self.message("x"), url, settings: trusting, good).status == 250)
            #expect(relay.messages.count == 1 && relay.messages.first?.isEncrypted == true)
            let wrong = try await send(
                Self.message("x"), url, settings: trusting, good.merging(["password": "other"]) { $1 })
            #expect(wrong.status == 535 && !String(decoding: wrong.body, as: UTF8.self).contains("other"))
            let stranger = await #expect(throws: WireError.self) { try await send(Self.message("x"), url, good) }
            guard case .notSent(let words) = stranger else {
                Issue.record("\(String(describing: stranger))")
                continue
            }
            #expect(words.lowercased().contains("certificate"), "\(words)")
            #expect(relay.messages.count == 1)
        }
    }

    @Test("A relay without STARTTLS gets nothing unless that is meant")
    func downgrade() async throws {
        let relay = try RealMailRelay()
        let error = await #expect(throws: WireError.self) {
            try await send(Self.message("x"), "smtp://127.0.0.1:\(relay.port)", ["security": "starttls"])
        }
        #expect("\(String(describing: error))".contains("offers no STARTTLS"))
        #expect(relay.messages.isEmpty)
    }

    @Test("The relay's no comes back with its code and words")
    func refusals() async throws {
        let relay = try RealMailRelay()
        let url = "smtp://127.0.0.1:\(relay.port)"
        let never = try await send(Self.message("x"), url, ["to": "planner@plant.example,nobody@plant.example"])
        #expect(never.status == 550 && String(decoding: never.body, as: UTF8.self) == "RCPT: 550 5.1.1 no such box")
        #expect(try await send(Self.message("x"), url, ["to": "later@plant.example"]).status == 451)
        #expect(relay.messages.isEmpty)
    }

    @Test(
        "What is no relay, hangs up, never ends a line, or speaks before TLS has begun is not sent to, and says so",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "no mail relay"), ("", "hung up"), ("220-", "hung up"),
            ("250 what?\r\n", "answered 250"), (String(repeating: "2", count: 100_000), "does not end"),
            ("220 hi\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n", "spoke on before TLS"),
        ])
    func noise(greeting: String, words: String) async throws {
        let server = try await StandInServer(saying: Array(greeting.utf8), hangsUp: words == "hung up")
        let outcome: String
        do {
            let answer = try await send(
                Self.message("x"), "smtp://127.0.0.1:\(server.port)", settings: WireSettings(timeout: .seconds(20)),
                ["security": "starttls"])
            outcome = "answered \(answer.status)"
        } catch {
            outcome = "\(error)"
        }
        #expect(outcome.contains(words) && !outcome.hasPrefix("noAnswer"), "\(outcome)")
        try await server.stop()
    }

    @Test("Every line of a message is made transparent and can be read back", arguments: 0..<40)
    func transparency(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let bytes = (0..<random.int(0...60)).map { _ in random.pick([UInt8(ascii: "."), 13, 10, UInt8(ascii: "a")]) }
        let sent = MailWire.transparent(bytes)
        #expect(
            sent == [UInt8(ascii: "."), 13, 10] || sent.suffix(5) == [13, 10, UInt8(ascii: "."), 13, 10], "seed \(seed)"
        )
        var lines = Self.lines(Array(sent.dropLast(3)))
        for index in lines.indices where lines[index].first == UInt8(ascii: ".") { lines[index].removeFirst() }
        let own = Self.lines(Array(String(decoding: bytes, as: UTF8.self).replacing(/\r\n|\r|\n/, with: "\r\n").utf8))
        #expect(lines == own || lines == own + [[]], "seed \(seed)")
    }

    /// By CR LF; a lone one stays in its line.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        for byte in bytes {
            if byte == 10, lines[lines.count - 1].last == 13 {
                lines[lines.count - 1].removeLast()
                lines.append([])
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        return lines
    }
}
