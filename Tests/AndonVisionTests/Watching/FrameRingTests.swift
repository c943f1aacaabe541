import AndonModel
import AndonVision
import Testing

@Suite("Frames before and after a defect")
struct FrameRingTests {
    @Test("Over random frames the ring holds the newest that fit its age and its bytes, and answers like a list of all")
    func ring() {
        let seed: UInt64 = 7
        let random = Seeded(seed)
        var ring = FrameRing(seconds: .seconds(5), bytesMax: 1_000)
        var all: [Frame] = []
        var (number, time) = (0, 0.0)
        for _ in 0..<2_000 {
            number = random.int(1...200) == 1 ? 1 : number + random.int(1...3)
            time += random.unit()
            let next = frame(number, bytes: random.int(1...300), at: time)
            if let last = all.last, number <= last.number { all = [] }
            all.append(next)
            ring.add(next)
            var expected: [Frame] = []
            var bytes = 0
            for frame in all.reversed() {
                bytes += frame.picture.bytes.count
                if frame.arrivedAt < next.arrivedAt - .seconds(5) || bytes > 1_000 { break }
                expected.insert(frame, at: 0)
            }
            #expect(ring.frames.map(\.number) == expected.map(\.number), "seed \(seed)")
            #expect(ring.bytes == ring.frames.reduce(0) { $0 + $1.picture.bytes.count } && ring.bytes <= 1_000)
            let before = expected.filter { $0.number < number }.suffix(2)
            #expect(ring.before(number, count: 2).map(\.number) == before.map(\.number), "seed \(seed)")
        }
    }

    @Test("A frame that is larger than the ring is not kept, and nothing negative is asked of it")
    func tooLarge() {
        var ring = FrameRing(seconds: .seconds(5), bytesMax: 100)
        ring.add(frame(1, bytes: 60))
        ring.add(frame(2, bytes: 101))
        #expect(ring.frames.map(\.number) == [1] && ring.before(9, count: -1).isEmpty)
        ring.add(frame(3, bytes: 0, at: 60))
        #expect(ring.frames.map(\.number) == [3])
    }

    @Test("The frames after a defect come when they are complete, and those that never came when their time is over")
    func followUp() {
        var follow = FollowUp(patience: .seconds(10), wantsMax: 2)
        let (first, second) = (
            follow.want(id: "a", after: 5, count: 2, at: .zero),
            follow.want(id: "b", after: 6, count: 3, at: .seconds(1))
        )
        let third = follow.want(id: "c", after: 6, count: 3, at: .zero)
        #expect(first && second && !third, "no more than two wait")
        let early = follow.add(frame(5)) + follow.add(frame(6))
        #expect(early.isEmpty)
        let done = follow.add(frame(8))
        #expect(done.map(\.id) == ["a"] && done.first?.frames.map(\.number) == [6, 8])
        let none = follow.want(id: "d", after: 1, count: 0, at: .zero)
        let expired = follow.expire(at: .seconds(10))
        #expect(!none && expired.isEmpty)
        let late = follow.expire(at: .seconds(11))
        #expect(late.map(\.id) == ["b"] && late.first?.frames.map(\.number) == [8] && follow.waiting == 0)
    }
}
