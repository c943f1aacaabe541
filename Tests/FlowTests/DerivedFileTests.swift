import AndonDispatch
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Synchronization
import Testing

@Suite("Files that are made for orders")
struct DerivedFileTests {
    /// Makes another file each time it is asked, as a new version or a new floor plan would.
    private final class Fickle: Sendable {
        private let times = Mutex(0)

        var count: Int { times.withLock { $0 } }

        func maker(_ type: Picture.MediaType) -> DerivedFiles.Maker {
            DerivedFiles.Maker { order in
                let number = self.times.withLock { times in
                    times += 1
                    return times
                }
                return DerivedFiles.Content(Array("\(order.reference) \(number)".utf8), type)
            }
        }
    }

    private struct Drawing: Error {}

    @Test("A file arrives once although answers are lost, and although it would be another one by the second attempt")
    func once() async throws {
        let fickle = Fickle()
        let bench = try await Harness(
            makers: [.chart: fickle.maker(.png), .map: fickle.maker(.png), .sheet: fickle.maker(.pdf)])
        bench.cmms.lose(answers: 200)
        for number in 0..<20 { _ = try await bench.report("d-\(number)", asset: "A-\(number)") }
        bench.cmms.recover()
        for number in 20..<40 {
            _ = try await bench.report("d-\(number)", asset: "A-\(number)")
            bench.cmms.lose(answers: number % 4)
        }
        try await bench.until("all files are there") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state != 'done'") == 0
        }
        let kept = bench.cmms.kept
        #expect(kept.orders.count == 40 && kept.files.count == 120 && Set(kept.files).count == 120)
        for reference in kept.orders {
            let roles = kept.files.filter { $0.contains(reference) }.compactMap {
                $0.split(separator: "-").dropFirst(2).first
            }
            #expect(Set(roles) == ["chart", "map", "sheet"], "\(roles)")
        }
        #expect(fickle.count == 120, "each is made once")
        let empty = try await eventually {
            try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/derived").isEmpty
        }
        #expect(empty, "what has arrived is removed")
        try await bench.end()
    }

    @Test("What cannot be made is a dead letter that says so, what is not there any more is none, and the rest goes on")
    func unmakeable() async throws {
        let bench = try await Harness(
            makers: [
                .chart: DerivedFiles.Maker { _ in throw Drawing() },
                .map: DerivedFiles.Maker { _ in nil },
                .sheet: DerivedFiles.Maker { _ in DerivedFiles.Content(Array("%PDF".utf8), .pdf) },
            ])
        _ = try await bench.report("u-1")
        try await bench.until("all has ended") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')") == 0
        }
        #expect(bench.cmms.kept.files.count == 1 && bench.cmms.kept.files[0].hasSuffix(".pdf"))
        let alarms = try await bench.store.read { try $0.alarms() }
        #expect(alarms.count == 1 && alarms[0].kind == "dead-letter", "\(alarms)")
        #expect(alarms[0].detail.contains("the chart of \(alarms[0].subject) could not be made: Drawing"), "\(alarms)")
        try await bench.end()
    }

    @Test("Drawing that was broken off, as by a stop of the server, is no fault of the file: it is drawn anew")
    func brokenOff() async throws {
        let times = Mutex(0)
        let bench = try await Harness(
            makers: [
                .chart: DerivedFiles.Maker { _ in
                    let count = times.withLock { count in
                        count += 1
                        return count
                    }
                    if count == 1 { throw CancellationError() }
                    return DerivedFiles.Content(Array("%PDF".utf8), .pdf)
                }
            ])
        _ = try await bench.report("b-1")
        try await bench.until("all has ended") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')") == 0
        }
        #expect(bench.cmms.kept.files.count == 1 && times.withLock { $0 } == 2)
        #expect(try await bench.store.read { try $0.alarms().isEmpty })
        try await bench.end()
    }

    @Test("A connector gets what its option says, and an order what it has")
    func chosen() async throws {
        let fickle = Fickle()
        let none = DerivedFiles.Maker(applies: { _ in false }, make: { _ in nil })
        let bench = try await Harness(
            attachments: [.chart, .map], makers: [.chart: none, .map: fickle.maker(.png), .sheet: fickle.maker(.pdf)])
        _ = try await bench.report("c-1")
        try await bench.until("all is done") { try $0.count("SELECT COUNT(*) FROM outbox WHERE state != 'done'") == 0 }
        #expect(bench.cmms.kept.files.count == 1 && bench.cmms.kept.files[0].contains("-map-"))
        try await bench.end()
    }
}
