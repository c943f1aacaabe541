import AndonModel
import AndonTesting
import Logging
import Testing

@testable import AndonServer

@Suite("The code of the set-up's link")
struct SetUpGateTests {
    private func gate(_ time: TestTime) -> SetUpGate {
        SetUpGate(
            time: time, random: SeededSource(seed: 7), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("The right code is good once, for a cookie that lets in")
    func once() async throws {
        let time = TestTime()
        let gate = gate(time)
        let code = await gate.open()
        #expect(code.count == 32)
        let token = try #require(try await gate.enter(code))
        #expect(await gate.isIn(token))
        #expect(await !gate.isIn(code))
        #expect(await !gate.isIn(nil))
        async let again = gate.enter(code)
        #expect(try await eventually { time.sleeping == 1 })
        time.advance(by: .seconds(30))
        #expect(try await again == nil)
        #expect(await gate.isIn(token), "who is in stays in")
    }

    @Test("Each wrong code waits twice as long as the one before, half a minute at most, and keeps nobody out")
    func slower() async throws {
        let time = TestTime()
        let gate = gate(time)
        let code = await gate.open()
        for number in 0..<10 {
            let delay = min(Duration.seconds(30), Duration.milliseconds(250) * (1 << number))
            async let answer = gate.enter("wrong")
            #expect(try await eventually { time.sleeping == 1 })
            time.advance(by: delay - .milliseconds(1))
            #expect(time.sleeping == 1, "the wrong code \(number + 1) waits \(delay)")
            time.advance(by: .milliseconds(1))
            #expect(try await answer == nil)
        }
        #expect(try await gate.enter(code) != nil, "the right one waits for nothing")
    }
}
