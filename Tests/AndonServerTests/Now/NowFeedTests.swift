import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("What comes in, for all who watch it")
struct NowFeedTests {
    private static func changes(_ messages: [NowFeed.Message]) -> [NowChange] {
        messages.compactMap { message -> NowChange? in
            guard case .change(let change) = message else { return nil }
            return change
        }
    }

    private static func page(_ bench: NowBench) async throws -> ([ShownDetection], NowPlace) {
        try await bench.store.read { reader in
            (try reader.shownDetections(DetectionFilter(), limit: 10_000).detections, try NowPlace(reader))
        }
    }

    /// One thing that happens to the store.
    private static func happen(
        _ number: Int, _ bench: NowBench, _ random: inout SeededRandom, _ open: inout [Reference]
    ) async throws {
        if random.chance(40), let reference = open.popLast() { return try await bench.acknowledge(reference) }
        let defects = (0..<random.int(1...4)).map { _ in Defect(defectClass: random.pick(["scratch", "dent"])) }
        let outcome: Outcome = random.chance(50) ? .raised : .recorded
        open += try await bench.report("r-\(number)", defects: defects, outcome)
        if random.chance(30) { open.shuffle(using: &random) }
    }

    @Test(
        "A client that connects, loses its connection anywhere and resumes sees each detection once, and orders as they are",
        arguments: Array(UInt64(1)...25))
    func resumes(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try NowBench(queueMax: random.int(2...12))
        // Somebody else watches all the time, so that the feed runs on while the client is away.
        let other = try await random.chance(50) ? bench.subscribe() : nil
        var open: [Reference] = []
        for number in 0..<random.int(0...5) { try await Self.happen(number, bench, &random, &open) }
        let (detections, place) = try await Self.page(bench)
        var client = NowClient(place: place)
        client.load(detections, at: place)
        var number = 1000
        for round in 0..<12 {
            let isLast = round == 11
            for _ in 0..<(isLast ? 0 : random.int(0...3)) {
                number += 1
                try await Self.happen(number, bench, &random, &open)
            }
            guard let subscription = try await bench.subscribe(from: client.place) else {
                let (detections, place) = try await Self.page(bench)
                client.load(detections, at: place)
                continue
            }
            for _ in 0..<(isLast ? 0 : random.int(0...6)) {
                number += 1
                try await Self.happen(number, bench, &random, &open)
                if random.chance(70) { try await bench.feed.look() }
            }
            let isSlow = await bench.feed.leave(subscription.id)
            let messages = await NowBench.drain(subscription)
            let steps = NowClient.steps([subscription.missed] + Self.changes(messages), from: client.place)
            let arrived = isLast ? steps.count : random.int(0...steps.count)
            for step in steps.prefix(arrived) { client.take(step) }
            if isSlow, arrived == steps.count {
                let (detections, place) = try await Self.page(bench)
                client.load(detections, at: place)
            }
        }
        #expect(Set(client.told).count == client.told.count, "seed \(seed): \(client.told)")
        #expect(client.told == client.told.sorted(), "seed \(seed)")
        let (all, end) = try await Self.page(bench)
        #expect(client.read.union(client.told) == Set(all.map(\.row)), "seed \(seed)")
        #expect(client.place == end, "seed \(seed)")
        for order in all.compactMap(\.order) {
            #expect(client.deliveries[order.reference] == order.delivery, "seed \(seed): \(order.reference)")
        }
        if let other { await bench.feed.leave(other.id) }
        #expect(await bench.feed.count == 0)
        try bench.store.close()
    }

    @Test("A queue that is full ends with what it has, its client begins anew, and nobody else is held up")
    func slow() async throws {
        let bench = try NowBench(queueMax: 2)
        let slow = try #require(try await bench.subscribe())
        var taken = 0
        let quick = try #require(try await bench.subscribe())
        var messages = quick.messages.makeAsyncIterator()
        for number in 0..<4 {
            try await bench.report("r-\(number)")
            try await bench.feed.look()
            if case .change(let change)? = await messages.next() { taken += change.detections.count }
        }
        #expect(taken == 4)
        #expect(await bench.feed.count == 1)
        #expect(await bench.feed.leave(slow.id))
        #expect(await NowBench.drain(slow).count == 2)
        #expect(await !bench.feed.leave(quick.id))
        try bench.store.close()
    }

    @Test("Who missed more than is told one by one, or comes with the place of another store, begins anew")
    func tooFar() async throws {
        let bench = try NowBench()
        let start = try await bench.head()
        let many = Array(repeating: Defect(defectClass: "dent"), count: 100)
        for number in 0..<5 { try await bench.report("r-\(number)", defects: many) }
        let following = try await bench.subscribe(from: start)
        #expect(following?.missed.detections.count == 500)
        try await bench.report("one-more")
        try await bench.feed.look()
        #expect(try await bench.subscribe(from: start) == nil)
        #expect(try await bench.subscribe(from: NowPlace(detection: 9_000_000, entry: 0)) == nil)
        #expect(try await bench.subscribe(from: NowPlace(detection: 0, entry: 9_000_000)) == nil)
        #expect(await bench.feed.count == 1, "who begins anew holds no place")
        withExtendedLifetime(following) {}
        try bench.store.close()
    }

    @Test("So many may watch and no more; who leaves makes room")
    func room() async throws {
        let bench = try NowBench(subscribersMax: 2)
        let first = try #require(try await bench.subscribe())
        _ = try await bench.subscribe()
        do {
            _ = try await bench.subscribe()
            Issue.record("a third was let in")
        } catch let problem as Problem {
            #expect(problem.status == 503 && problem.type == "too-many-streams")
        }
        await bench.feed.leave(first.id)
        try await bench.feed.demandRoom()
        try bench.store.close()
    }

    @Test("An alarm that is raised or cleared is told, and the figures follow")
    func alarms() async throws {
        let bench = try NowBench()
        let subscription = try #require(try await bench.subscribe())
        #expect(try await bench.feed.summary(hiding: []).alarms.isEmpty)
        try await bench.store.write { try $0.alarm("poll-failed", subject: "cmms", "no answer") }
        try await bench.feed.look()
        #expect(try await bench.feed.summary(hiding: []).alarms.map(\.detail) == ["no answer"])
        await bench.feed.leave(subscription.id)
        let changes = Self.changes(await NowBench.drain(subscription))
        #expect(changes.count == 1 && changes.first?.hasAlarms == true)
        try bench.store.close()
    }

    @Test("Figures count the last hour, and nothing of assets that are out of reach")
    func figures() async throws {
        let bench = try NowBench()
        try await bench.report("old", .raised)
        bench.time.advance(by: .seconds(4000))
        let near = try await bench.report("near", .raised)
        let far = try await bench.report("far", asset: "FAR-1", .raised)
        try await bench.report("seen")
        bench.time.advance(by: .seconds(8))
        try await bench.acknowledge(near[0])
        bench.time.advance(by: .seconds(12))
        try await bench.acknowledge(far[0])
        let all = try await bench.feed.summary(hiding: [])
        #expect(all.seen == 3 && all.raised == 2 && all.waiting == 1 && all.dead == 0)
        #expect(all.medianSeconds == 14)
        let part = try await bench.feed.summary(hiding: ["FAR-1"])
        #expect(part.seen == 2 && part.raised == 1 && part.medianSeconds == 8)
        try bench.store.close()
    }

    @Test("The store and the stream filter alike, page by page", arguments: Array(UInt64(1)...20))
    func filters(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try NowBench()
        for number in 0..<40 {
            let severity = random.chance(80) ? Double(random.int(0...10)) / 10 : nil
            let defect = Defect(
                defectClass: random.pick(["scratch", "dent"]), severity: severity.map { .score($0) })
            try await bench.report(
                "r-\(number)", asset: random.pick(["A", "B", "C"]), defects: [defect],
                random.pick([.recorded, .raised]))
        }
        var filter = DetectionFilter()
        if random.chance(50) { filter.asset = random.pick(["A", "B", "none"]) }
        if random.chance(50) { filter.defectClass = "dent" }
        if random.chance(30) { filter.outcome = random.pick(Outcome.allCases) }
        if random.chance(50) { filter.severityMin = Double(random.int(0...10)) / 10 }
        filter.hasOrder = random.chance(30)
        if random.chance(40) { filter.hidden = ["C", "it's \"so\""] }
        let wanted = filter
        let (all, _) = try await Self.page(bench)
        #expect(all.count == 40)
        var found: [ShownDetection] = []
        var before: Int64?
        repeat {
            let page = try await bench.store.read { [before] in
                try $0.shownDetections(wanted, before: before, limit: 7)
            }
            found += page.detections
            before = page.before
        } while before != nil
        #expect(found == all.filter { wanted.takes($0) }, "seed \(seed): \(wanted)")
        try bench.store.close()
    }

    @Test("An event holds every line of its data, whatever ends it")
    func events() {
        let event = NowEvent(name: "detection", id: "3-9", data: "<p>a\r\nb\rc\nd</p>")
        #expect(
            event.text == "id: 3-9\nevent: detection\ndata: <p>a\ndata: b\ndata: c\ndata: d</p>\n\n", "\(event.text)")
        #expect(NowEvent(id: "3-9").text == "id: 3-9\n\n")
        #expect(NowEvent(name: "reload").text == "event: reload\ndata: \n\n")
        #expect(NowPlace("3-9") == NowPlace(detection: 3, entry: 9))
        for wrong in ["", "3", "3-", "-3-9", "3-9-1", "a-b", "99999999999999999999-1"] {
            #expect(NowPlace(wrong) == nil, "\(wrong)")
        }
    }
}
