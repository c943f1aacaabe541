import AndonModel
import AndonVision
import Testing

@Suite("Between the camera and the model")
struct FrameSlotTests {
    private func numbers(_ policy: DropPolicy, offering: [Int]) async -> ([Int], DropCounts) {
        let slot = FrameSlot(policy: policy)
        for number in offering { await slot.offer(frame(number)) }
        slot.end()
        var taken: [Int] = []
        while let next = await slot.next() { taken.append(next.number) }
        return (taken, slot.counts)
    }

    @Test("Each policy drops what it says, and counts it; gaps of the source are counted apart")
    func policies() async {
        let (newest, counts) = await numbers(.newest, offering: [1, 2, 5, 6])
        #expect(newest == [6] && counts.received == 4 && counts.dropped == 3 && counts.gapsAtSource == 2)
        #expect(await numbers(.queue(2), offering: [1, 2, 3, 4]).0 == [1, 2])
        let (oldest, after) = await numbers(.queueDroppingOldest(2), offering: [1, 2, 3, 4, 1])
        #expect(oldest == [4, 1] && after.taken == 2 && after.dropped == 3 && after.gapsAtSource == 0)
    }

    @Test("With wait nothing is dropped: all frames come, in their order, also when the model is slower")
    func waits() async {
        let slot = FrameSlot(policy: .wait)
        let source = Task {
            for number in 1...500 { await slot.offer(frame(number)) }
            slot.end()
        }
        var taken: [Int] = []
        while let next = await slot.next() {
            taken.append(next.number)
            if next.number % 7 == 0 { await Task.yield() }
        }
        await source.value
        #expect(taken == Array(1...500) && slot.counts.dropped == 0 && slot.counts.taken == 500)
    }

    @Test(
        "With many tasks that offer, take and are cancelled, received is taken and dropped and waiting at every instant",
        arguments: [DropPolicy.newest, .queue(3), .queueDroppingOldest(3), .wait])
    func sums(policy: DropPolicy) async {
        let seed: UInt64 = 20_261_129
        let random = Seeded(seed)
        let slot = FrameSlot(policy: policy)
        let (offered, got) = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var received = 0
                    for number in 1...200 {
                        let offer = Task { await slot.offer(frame(number)) }
                        if random.int(1...5) == 1 { offer.cancel() }
                        if await offer.value { received += 1 }
                        Self.check(slot, seed)
                    }
                    return received
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    var taken = 0
                    while true {
                        let take = Task { await slot.next() }
                        let isCut = random.int(1...5) == 1
                        if isCut { take.cancel() }
                        if await take.value != nil {
                            taken += 1
                        } else if !isCut {
                            return taken
                        }
                        Self.check(slot, seed)
                    }
                }
            }
            // The takers come to an end only when the slot does: the first four are those that offer.
            var sums = [0, 0]
            for _ in 0..<4 { sums[0] += await group.next() ?? 0 }
            slot.end()
            for await taken in group { sums[1] += taken }
            return (sums[0], sums[1])
        }
        let counts = slot.counts
        #expect(counts.received == offered && counts.taken == got, "seed \(seed)")
        #expect(counts.waiting == 0 && counts.received == counts.taken + counts.dropped)
        if policy == .wait { #expect(counts.dropped == 0) }
    }

    private static func check(_ slot: FrameSlot, _ seed: UInt64) {
        let counts = slot.counts
        #expect(counts.received == counts.taken + counts.dropped + counts.waiting, "seed \(seed)")
    }

    @Test("The end lets everybody go, and a cancelled source gives back that its frame was not received")
    func ends() async {
        let slot = FrameSlot(policy: .wait)
        #expect(await slot.offer(frame(1)))
        let source = Task { await slot.offer(frame(2)) }
        source.cancel()
        #expect(await source.value == false)
        let other = Task { await slot.offer(frame(3)) }
        let taker = Task { [await slot.next()?.number, await slot.next()?.number] }
        let (wasTaken, taken) = (await other.value, await taker.value)
        #expect(wasTaken && taken == [1, 3])
        let hungry = Task { await slot.next() }
        slot.end()
        #expect(await hungry.value == nil)
        #expect(await slot.offer(frame(4)) == false)
        #expect(slot.counts.received == 2)
    }

    @Test("The policy is read from the configuration; a queue where none is used is a mistake")
    func settings() {
        func read(_ json: JSON) -> (DropPolicy, [String]) {
            let faults = SettingsFaults()
            let reader = SettingsReader(
                Settings(document: json, file: "slot.json"), faults: faults,
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil }))
            return (DropPolicy(reading: reader), faults.faults.map(\.message))
        }
        #expect(read([:]) == (.newest, []))
        #expect(read(["whenSlow": "queue", "queue": 3]) == (.queue(3), []))
        #expect(read(["whenSlow": "queueDroppingOldest"]) == (.queueDroppingOldest(8), []))
        #expect(read(["whenSlow": "wait", "queue": 3]).1 == ["whenSlow: wait has no queue; leave it out"])
    }
}
