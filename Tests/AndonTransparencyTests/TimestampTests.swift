import AndonTesting
import AndonTransparency
import Foundation
import Testing

@Suite("Time stamps of RFC 3161")
struct TimestampTests {
    @Test("The question about \"abc\" is the one that openssl asks")
    func vector() {
        let request = TimestampRequest(of: Array("abc".utf8), nonce: nil)
        #expect(
            hex(request.bytes)
                == "30390201013031300d060960864801650304020105000420ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0101ff"
        )
    }

    @Test("A real authority's answer is read, fits its question, and fits no other; openssl verifies it")
    func authority() async throws {
        let authority = try await TimestampAuthority()
        let text = Array("a checkpoint".utf8)
        for nonce in [nil, [0x01], [0x80, 0x00, 0x7F], [0x00, 0x00, 0x05]] as [[UInt8]?] {
            let request = TimestampRequest(of: text, nonce: nonce)
            let answer = try await authority.answer(request.bytes)
            let reply = try TimestampReply(parsing: answer)
            try reply.check(request)
            #expect(reply.time.count >= 15 && reply.time.hasSuffix("Z"))
            #expect(throws: TransparencyError.self) {
                try reply.check(TimestampRequest(of: Array("another".utf8), nonce: nonce))
            }
            #expect(throws: TransparencyError.self) { try reply.check(TimestampRequest(of: text, nonce: [0x77])) }
            #expect(try await authority.verifies(answer, of: text))
            #expect(try await !authority.verifies(answer, of: Array("another".utf8)))
        }
    }

    @Test("A refusal, and anything that is not an answer, is an error and never a crash")
    func refusals() async throws {
        let authority = try await TimestampAuthority()
        let refused = try await authority.answer([0x30, 0x03, 0x02, 0x01, 0x01])
        #expect(throws: TransparencyError.self) { try TimestampReply(parsing: refused) }
        let answer = try await authority.answer(TimestampRequest(of: [1], nonce: [5]).bytes)
        for cut in 0..<answer.count {
            #expect(throws: TransparencyError.self) { try TimestampReply(parsing: Array(answer.prefix(cut))) }
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            var altered = answer
            altered[random.int(0...altered.count - 1)] = UInt8(random.int(0...255))
            _ = try? TimestampReply(parsing: altered)
        }
    }
}
