import AndonModel
import AndonTesting
import AndonVision
import Foundation
import Testing

@testable import AndonCapture

@Suite("A watched folder", .timeLimit(.minutes(1)))
struct FolderSourceTests {
    private let folder: Folder
    private let picture: [UInt8]

    init() throws {
        folder = try Folder()
        picture = try Pictures.bytes("grey.jpg")
    }

    private func source(_ change: (inout FolderSource.Settings) -> Void = { _ in }) -> FolderSource {
        // Sweeps are as seldom as an hour, so that what comes is what the kernel told of.
        var settings = FolderSource.Settings(
            path: folder.path, stableFor: .milliseconds(20), sweepEvery: .seconds(3600))
        change(&settings)
        return FolderSource(name: "f", settings: settings, time: SystemTime())
    }

    private func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }

    private func names(_ inner: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path + inner).sorted()
    }

    /// Starts, and waits until the watch is there: the first sweep has brought a file that was there before.
    private func started(_ source: FolderSource, in other: Folder? = nil) async throws -> AtWork {
        try Data(picture).write(to: URL(fileURLWithPath: "\((other ?? folder).path)/first.jpg"))
        let work = AtWork(source)
        #expect(await work.next()?.note.attributes["file"] == "first.jpg")
        return work
    }

    @Test("Files that are written, renamed into place or moved in are taken in their order, each once")
    func takes() async throws {
        let work = try await started(source())
        try put(picture, "b.JPG")
        try put(picture, "c.jpg.tmp")
        try put(picture, ".d.jpg")
        try put(picture, "notes.txt")
        try FileManager.default.moveItem(atPath: folder.path + "/c.jpg.tmp", toPath: folder.path + "/c.jpg")
        try put(try Pictures.bytes("grey.png"), "a.png")
        var frames: [Frame] = []
        for _ in 0..<3 { frames.append(try #require(await work.next())) }
        #expect(frames.map { $0.note.attributes["file"]?.string } == ["b.JPG", "c.jpg", "a.png"])
        #expect(frames.map(\.number) == [2, 3, 4] && frames.allSatisfy { $0.clock == .arrival })
        #expect(frames.map(\.picture.format) == [.jpeg, .jpeg, .png])
        #expect(frames[0].picture.bytes == picture)
        try put(picture, "last.jpg")
        #expect(await work.next() != nil)
        await work.end()
        let done = try names("/done")
        #expect(done.filter { $0 != "last.jpg" } == ["a.png", "b.JPG", "c.jpg", "first.jpg"])
        #expect(try names().contains("notes.txt") && names().contains(".d.jpg"))
    }

    @Test("A file that is written in pieces is taken when it is closed, whole")
    func pieces() async throws {
        let work = try await started(source())
        let path = folder.path + "/slow.jpg"
        // Made without closing it, as a writer does.
        let handle = FileHandle(fileDescriptor: open(path, O_WRONLY | O_CREAT, 0o600), closeOnDealloc: true)
        for start in stride(from: 0, to: picture.count, by: 100) {
            try handle.write(contentsOf: Data(picture[start..<min(picture.count, start + 100)]))
        }
        try put(picture, "other.jpg")
        #expect(await work.next()?.note.attributes["file"] == "other.jpg")
        try handle.close()
        #expect(await work.next()?.picture.bytes == picture)
        await work.end()
    }

    @Test("Written anew, a name is another frame, and the first copy in done stays")
    func rewritten() async throws {
        let work = try await started(source())
        try put(picture, "same.jpg")
        let first = await work.next()
        let other = try Pictures.bytes("rgb.jpg")
        try put(other, "same.jpg")
        let second = await work.next()
        #expect(second?.picture.bytes == other && first?.note.id != second?.note.id)
        try put(picture, "last.jpg")
        #expect(await work.next() != nil)
        await work.end()
        #expect(try names("/done").filter { $0.hasSuffix("same.jpg") }.count == 2)
    }

    @Test("Links and pipes are never followed, moved or read")
    func links() async throws {
        let outside = try Folder()
        try Data(picture).write(to: URL(fileURLWithPath: outside.path + "/secret.jpg"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link.jpg", withDestinationPath: outside.path + "/secret.jpg")
        mkfifo(folder.path + "/pipe.jpg", 0o600)
        let work = try await started(source { $0.afterwards = .delete })
        try put(picture, "real.jpg")
        #expect(await work.next()?.note.attributes["file"] == "real.jpg")
        await work.end()
        #expect(FileManager.default.fileExists(atPath: outside.path + "/secret.jpg"))
        #expect(try names().contains("link.jpg") && names().contains("pipe.jpg"))
    }

    @Test("A link in the place of done is refused")
    func linkedDone() throws {
        let outside = try Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/done", withDestinationPath: outside.path)
        #expect { try source().check() } throws: { ($0 as? CaptureError)?.reason.contains("done") == true }
    }

    @Test("What stays is remembered over a restart, unless it was changed")
    func remembered() async throws {
        let settings: (inout FolderSource.Settings) -> Void = { $0.afterwards = .leave }
        let work = try await started(source(settings))
        try put(picture, "a.jpg")
        #expect(await work.next() != nil)
        try put(picture, "b.jpg")
        #expect(await work.next() != nil)
        await work.end()
        // The last one may have been settled or not: a stop was under way.
        try put(try Pictures.bytes("rgb.jpg"), "a.jpg")
        try put(picture, "c.jpg")
        let again = AtWork(source(settings))
        var found: [String] = []
        while !found.contains("c.jpg"), let name = await again.next()?.note.attributes["file"]?.string {
            found.append(name)
        }
        await again.end()
        #expect(found.filter { $0 != "b.jpg" } == ["a.jpg", "c.jpg"])
    }

    @Test("What was delivered while it was being stopped comes again with the same id")
    func stopped() async throws {
        try put(picture, "a.jpg")
        let work = AtWork(StoppingSource(source: source()))
        let first = await work.next()
        await work.end()
        #expect(try names().contains("a.jpg"))
        let again = AtWork(source())
        let second = await again.next()
        #expect(first?.note.id != nil && first?.note.id == second?.note.id)
        await again.end()
    }

    @Test("A sidecar says what the frame is of; a picture waits for a required one, and both go to done")
    func sidecars() async throws {
        let work = AtWork(
            source {
                $0.sidecar = .required
            })
        try put(picture, "a.jpg")
        try put(
            Array(
                #"{"id":"x-1","unit":"U1","lot":"L","asset":"A","capturedAt":"2026-11-23T21:09:00+01:00","attributes":{"k":1}}"#
                    .utf8), "a.json")
        let frame = try #require(await work.next())
        #expect(frame.note.id == "x-1" && frame.note.unit == "U1" && frame.note.lot == "L" && frame.note.asset == "A")
        #expect(frame.note.attributes == ["k": 1, "file": "a.jpg"])
        #expect(frame.clock == .trigger && frame.capturedAt == Timestamp("2026-11-23T20:09:00Z"))
        try put(picture, "b.jpg")
        try put(Array("{\"unit\": 7}".utf8), "b.json")
        let faulty = try #require(await work.next())
        #expect(faulty.note.attributes["sidecarFault"]?.string?.contains("b.json: unit should be a text") == true)
        #expect(faulty.note.id?.hasPrefix("b.jpg/") == true && faulty.clock == .arrival)
        try put(Array("{}".utf8), "c.json")
        try put(picture, "c.jpg")
        #expect(await work.next() != nil)
        await work.end()
        #expect(try names("/done").prefix(4) == ["a.jpg", "a.json", "b.jpg", "b.json"])
    }

    @Test("A sidecar's bytes, whatever they are, are read or refused")
    func sidecarBytes() {
        let seed: UInt64 = 7
        print("seed \(seed)")
        var dice = Dice(seed: seed)
        let good = Array(#"{"id":"x","capturedAt":"2026-11-23T21:09:00Z","attributes":{"k":[1]}}"#.utf8)
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0...dice.below(4) { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) }
            _ = try? Sidecar(bytes)
        }
    }

    @Test("Files that were there before come the oldest first, once they have stayed as they are")
    func sweeps() async throws {
        for (index, name) in ["c.jpg", "a.jpg", "b.jpg"].enumerated() {
            try put(picture, name)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 + Double(index))],
                ofItemAtPath: "\(folder.path)/\(name)")
        }
        let work = AtWork(source { $0.clock = .file })
        var frames: [Frame] = []
        for _ in 0..<3 { frames.append(try #require(await work.next())) }
        await work.end()
        #expect(frames.map { $0.note.attributes["file"]?.string } == ["c.jpg", "a.jpg", "b.jpg"])
        #expect(frames[0].clock == .file && frames[0].capturedAt == Timestamp(microseconds: 1_700_000_000_000_000))
    }

    @Test("A file that is too large is told of once, stays, and holds nothing up")
    func tooLarge() async throws {
        let source = source { $0.bytesMax = picture.count }
        try put(picture + [0], "large.jpg")
        let first = await AtWork(source).ending
        #expect(first?.kind == .refused && first?.reason.contains("large.jpg has \(picture.count + 1) bytes") == true)
        let work = try await started(source)
        await work.end()
        #expect(try names().contains("large.jpg"))
    }

    @Test("A folder that goes away breaks the source")
    func gone() async throws {
        // The kernel tells of a folder that is moved; the next sweep finds that one was deleted.
        let work = try await started(source { $0.sweepEvery = .milliseconds(50) })
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(await work.ending?.kind == .broken)
        let other = try Folder()
        let moved = try await started(source { $0.path = other.path }, in: other)
        try FileManager.default.moveItem(atPath: other.path, toPath: other.path + "-moved")
        defer { try? FileManager.default.removeItem(atPath: other.path + "-moved") }
        #expect(await moved.ending?.kind == .broken)
    }

    @Test("500 files at once come each once, with a slow receiver")
    func many() async throws {
        let work = try await started(source { $0.afterwards = .delete })
        for index in 0..<500 { try put(picture, "n\(index).jpg") }
        var found: Set<String> = []
        for _ in 0..<500 { found.insert(try #require(await work.next()?.note.attributes["file"]?.string)) }
        #expect(found.count == 500)
        await work.end()
    }
}

/// Stops its own run while the first frame is being delivered.
private struct StoppingSource: FrameSource {
    let source: FolderSource
    var name: String { source.name }
    var keepsWaiting: Bool { true }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        try await source.run { frame in
            withUnsafeCurrentTask { $0?.cancel() }
            await deliver(frame)
        }
    }
}

@Suite("A folder played as a stream")
struct PlayedFolderTests {
    private let folder: Folder
    private let time = LeapingTime()

    init() throws {
        folder = try Folder()
        let bytes = Data(try Pictures.bytes("grey.jpg"))
        for name in ["a", "b", "c", "d", "e", "f"] {
            try bytes.write(to: URL(fileURLWithPath: "\(folder.path)/\(name).jpg"))
        }
    }

    private func played(_ change: (inout PlayedFolder.Settings) -> Void = { _ in }) -> PlayedFolder {
        var settings = PlayedFolder.Settings(path: folder.path, framesPerSecond: 4)
        change(&settings)
        return PlayedFolder(name: "p", settings: settings, time: time)
    }

    private func names(_ frames: [Frame]) -> String {
        frames.compactMap { $0.note.attributes["file"]?.string }.joined()
    }

    @Test("Once through by name, at the stated rate, and then it ends")
    func once() async {
        let (taken, error) = await Taken.from(played())
        #expect(error == nil && played().keepsWaiting)
        #expect(names(taken.frames) == "a.jpgb.jpgc.jpgd.jpge.jpgf.jpg")
        #expect(taken.frames.map(\.arrivedAt) == (0..<6).map { .milliseconds($0 * 250) })
        #expect(taken.frames.map(\.number) == Array(1...6))
    }

    @Test("The same seed shuffles alike, another does not; each round holds every picture")
    func shuffled() async {
        func order(_ seed: UInt64) async -> String {
            names(await Taken.from(played { ($0.order, $0.seed) = (.shuffled, seed) }).taken.frames)
        }
        #expect(await order(1) == order(1))
        #expect(await order(1) != order(2))
        let looped = played { ($0.order, $0.isLooped) = (.shuffled, true) }
        let (taken, error) = await Taken.from(looped, atMost: 18)
        #expect(error == nil && !looped.keepsWaiting)
        for round in 0..<3 {
            let names = taken.frames[round * 6..<round * 6 + 6].compactMap { $0.note.attributes["file"]?.string }
            #expect(Set(names).count == 6)
        }
    }

    @Test("An empty folder, and a file that is no picture, are named in the error")
    func faults() async throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/a.jpg"))
        let (taken, error) = await Taken.from(played())
        #expect(taken.frames.isEmpty && error?.kind == .refused && error?.reason.contains("/a.jpg is no JPEG") == true)
        let empty = try Folder()
        let (_, other) = await Taken.from(played { $0.path = empty.path })
        #expect(other?.kind == .unreachable && other?.reason.contains(empty.path) == true)
    }
}
