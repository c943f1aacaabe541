import AndonDispatch
import AndonLedger
import AndonModel
import AndonTesting
import Synchronization
import Testing

@testable import AndonServer

@Suite("Drawn files are kept for a while")
struct DrawnFileTests {
    private static func key(_ number: Int) -> DrawnFiles.Key { .annotated(picture: "\(number)", annotation: []) }

    private static func content(_ number: Int, _ size: Int) -> DerivedFiles.Content {
        DerivedFiles.Content([UInt8](repeating: UInt8(number % 256), count: size), .png)
    }

    @Test("Those who ask for the same file at once wait for one drawing")
    func once() async throws {
        let files = DrawnFiles()
        let drawings = Counter()
        let digests = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await files.file(Self.key(1)) {
                        drawings.add()
                        await Task.yield()
                        return Self.content(1, 10)
                    }.digest
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(drawings.count == 1 && digests == [Hex.sha256([UInt8](repeating: 1, count: 10))])
    }

    @Test("A failure is not kept")
    func failure() async throws {
        let files = DrawnFiles()
        await #expect(throws: DerivedFailure.self) { try await files.file(Self.key(1)) { throw DerivedFailure() } }
        #expect(try await files.file(Self.key(1)) { Self.content(1, 3) }.content.bytes == [1, 1, 1])
    }

    private struct DerivedFailure: Error {}

    private final class Counter: Sendable {
        private let value = Mutex(0)

        var count: Int { value.withLock { $0 } }

        func add() { value.withLock { $0 += 1 } }
    }

    @Test("Random asking never keeps more bytes than allowed, and always gives the right file")
    func bounded() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("DrawnFileTests.bounded seed \(seed)")
        var random = SeededRandom(seed: seed)
        let files = DrawnFiles(bytesMax: 1000)
        let drawings = Counter()
        for _ in 0..<3000 {
            let number = Int.random(in: 0..<40, using: &random)
            let drawn = try await files.file(Self.key(number)) {
                drawings.add()
                return Self.content(number, number * 20)
            }
            #expect(drawn.content.bytes == Self.content(number, number * 20).bytes, "seed \(seed)")
            #expect(await files.bytes <= 1000, "seed \(seed)")
        }
        #expect(drawings.count < 3000, "seed \(seed): some were kept")
        _ = try await files.file(Self.key(1)) { Self.content(1, 20) }
        let before = drawings.count
        _ = try await files.file(Self.key(1)) {
            drawings.add()
            return Self.content(1, 20)
        }
        #expect(drawings.count == before, "the newest is kept")
    }
}
