import AndonIntake
import AndonModel
import AndonTesting
import Testing

@Suite("Frame count reader")
struct FrameCountReaderTests {
    private func read(_ text: String) throws(Problem) -> FrameCountBatch {
        try FrameCountReader().read(Array(text.utf8))
    }

    private let frame = #"{"camera":"C","from":"2026-11-23T21:00:00Z","to":"2026-11-23T21:05:00Z","inspected":412}"#

    @Test("A batch is read")
    func reads() throws {
        let batch = try read(#"{"id":"b1","frames":[\#(frame)]}"#)

        #expect(batch.id == "b1")
        #expect(batch.frames.map(\.inspected) == [412])
        #expect(batch.frames.first?.lot == nil)
    }

    @Test("The stored form of any batch reads back as the same batch")
    func roundTrip() throws {
        for seed in UInt64(1)...500 {
            var random = SeededRandom(seed: seed)
            let frames = (0..<random.int(1...5)).map { _ in
                let from = random.time()
                let to = Timestamp(
                    microseconds: min(from.microseconds + 1 + Int64(random.int(0...1000)), 253_402_300_799_999_999))
                return FrameCount(
                    camera: random.name(), from: min(from, to - .microseconds(1)), to: to,
                    inspected: random.int(1...1_000_000_000),
                    lot: random.maybe { $0.name() })
            }
            let batch = FrameCountBatch(id: random.maybe { $0.name() }, frames: frames)

            #expect(
                try FrameCountReader().read(FrameCountReader.json(of: batch).canonicalBytes) == batch, "seed \(seed)")
        }
    }

    @Test("All faults come in one answer")
    func faults() {
        let problem = refusal {
            try read(
                #"""
                {"ID":1,"frames":[{"camera":"C","from":"2026-11-23T21:05:00Z","to":"2026-11-23T21:05:00Z",
                "inspected":0},
                {"camera":5,"to":"2026-11-23","inspected":1.5,"lots":"x"},null]}
                """#)
        }

        #expect(problem?.type == "invalid-frame-counts")
        #expect(
            problem?.pointers.sorted() == [
                "/ID", "/frames/0/inspected", "/frames/0/to", "/frames/1/camera", "/frames/1/from",
                "/frames/1/inspected",
                "/frames/1/lots", "/frames/1/to", "/frames/2",
            ])
    }

    @Test("Ten thousand counts are taken, one more is not, and none is not")
    func limits() throws {
        func batch(_ count: Int) -> String {
            #"{"frames":[\#(Array(repeating: frame, count: count).joined(separator: ","))]}"#
        }

        #expect(try read(batch(10_000)).frames.count == 10_000)
        #expect(refusal { try read(batch(10_001)) }?.pointers == ["/frames"])
        #expect(refusal { try read(batch(0)) }?.pointers == ["/frames"])
        #expect(refusal { try read("{}") }?.pointers == ["/frames"])
    }
}
