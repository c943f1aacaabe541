import AndonLedger
import AndonModel
import AndonSources
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("How late reports are")
struct AcceptanceTests {
    @Test("Reports over HTTP that are late for a minute raise an alarm, which goes after a minute in time")
    func alarm() async throws {
        let time = TestTime()
        let folder = try TemporaryFolder("andon-acceptance")
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: time, random: SeededSource(seed: 1))
        let watch = AcceptanceWatch(limit: .milliseconds(150))
        let service = Task { try await AcceptanceService(watch: watch, store: store).run() }
        func alarmsBecome(_ expected: [String]) async throws -> Bool {
            try await eventually {
                time.advance(by: .milliseconds(500))
                return try await store.read { try $0.alarms().map { "\($0.kind) of \($0.subject)" } } == expected
            }
        }
        for _ in 0..<20 { watch.add(.milliseconds(200)) }
        let begun = time.uptime()
        #expect(try await alarmsBecome(["intake-slow of intake"]))
        #expect(time.uptime() - begun >= .seconds(60))
        for _ in 0..<1000 { watch.add(.milliseconds(5)) }
        #expect(try await alarmsBecome([]))
        service.cancel()
        time.advance(by: .seconds(2))
        try? await service.value
    }

    @Test("The figures say how late reports are; without a limit there is no alarm")
    func figures() async throws {
        let watch = AcceptanceWatch(limit: nil)
        for _ in 0..<20 { watch.add(.seconds(7)) }
        watch.add(.seconds(-3))
        for second in 0..<200 { #expect(!watch.look(at: .seconds(second)).isSlow) }
        #expect(watch.figures?.p50 == .seconds(7) && watch.figures?.count == 21)
        let server = try ServerFixture()
        let report = server.report("late", ["detectedAt": .time(SystemTime().now() - .seconds(5))])
        #expect(try await server.client.post("/api/v1/inspections", report).status == 202)
        let line = try await server.client.send("GET", "/metrics").text.split(separator: "\n").first {
            $0.hasPrefix("andon_accept_seconds_p95 ")
        }
        let seconds = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        #expect(seconds >= 5 && seconds < 600)
        try await server.end()
    }
}
