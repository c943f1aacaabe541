import AndonDraw
import AndonModel
import AndonPrograms
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension URL {
    /// This program's own file, wherever it was called from; nil when it runs inside another one that cannot draw.
    public static var andonProgram: URL? {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return program.lastPathComponent == "andon" ? program : nil
    }
}

/// Draws on pictures in processes of their own, each with a limit of memory and time: a file that breaks a decoder breaks
/// that process, and the server goes on.
final class PictureWorker: Sendable {
    private let program: URL
    private let pixelsMax: Int
    private let folder: URL
    private let places: Places

    /// Why there is no copy. The picture's own fault is final; anything else may go away.
    struct Failure: Error, CustomStringConvertible {
        var description: String
        var isOfThePicture: Bool
    }

    /// Seconds of the processor that a picture may take. 20 megapixels take less than one.
    private static let secondsMax = 60

    /// - Parameters:
    ///   - program: this program's own file.
    ///   - folder: for what a process reads and writes beside the picture.
    ///   - side: how many processes at once.
    init(program: URL, pixelsMax: Int, folder: String, side: Int = 2) {
        self.program = program
        self.pixelsMax = pixelsMax
        self.folder = URL(fileURLWithPath: folder)
        places = Places(free: side)
    }

    /// MiB: libraries and stacks, and the coefficients of a picture without subsampling with a copy of its file.
    private var memory: Int { 512 + (pixelsMax * 8) >> 20 }

    /// Writes the annotated copy of the picture at `path` to `output`, which then is there whole or not at all.
    func annotate(_ path: String, _ annotation: Annotation, output: String) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let marks = folder.appendingPathComponent("\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: marks) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(annotation).write(to: marks)
        try await draw(["annotate", path, "--annotation", marks.path, "--output", output])
    }

    /// A picture that is shown beside the defect, and the words above it.
    struct Good: Sendable {
        var path: String
        var title: String
    }

    /// Writes the enlarged defect, as PNG, to `output`.
    func crop(_ path: String, box: Box, title: String, good: Good?, output: String) async throws {
        let figures = [box.x, box.y, box.width, box.height].map { "\($0)" }.joined(separator: ",")
        // With an equals sign each: a title may begin with a dash.
        try await draw(
            ["crop", path, "--box=\(figures)", "--title=\(title)", "--output", output]
                + (good.map { ["--good", $0.path, "--good-title=\($0.title)"] } ?? []))
    }

    /// Writes a small copy, `width` pixels wide at most and upright, as JPEG to `output`.
    func thumbnail(_ path: String, width: Int, output: String) async throws {
        try await draw(["thumbnail", path, "--width", "\(width)", "--output", output])
    }

    /// The same with places of its own: who wants other pictures does not wait for these.
    func beside(side: Int = 2) -> PictureWorker {
        PictureWorker(program: program, pixelsMax: pixelsMax, folder: folder.path, side: side)
    }

    /// Draws a floor plan once, to see that it can be drawn within the limits.
    func tryOut(plan bytes: [UInt8]) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("\(UUID().uuidString).plan")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        try await draw(["floor-plan", file.path])
    }

    private func draw(_ arguments: [String]) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let words = folder.appendingPathComponent("\(UUID().uuidString).txt").path
        defer { try? FileManager.default.removeItem(atPath: words) }
        let limits = ["--pixels-max", "\(pixelsMax)", "--memory", "\(memory)", "--seconds", "\(Self.secondsMax)"]
        await places.take()
        let ended: ChildEnd
        do {
            ended = try await run(arguments + limits, words: words)
        } catch {
            await places.give()
            throw error
        }
        await places.give()
        if let failure = Self.failure(ended, words: words) { throw failure }
    }

    private func run(_ arguments: [String], words: String) async throws -> ChildEnd {
        let child = ChildProgram(
            path: program.path, arguments: arguments,
            environment: ["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin"], errors: words)
        do {
            return try await child.run()
        } catch {
            throw Failure(description: "\(error)", isOfThePicture: false)
        }
    }

    private static func failure(_ ended: ChildEnd, words path: String) -> Failure? {
        guard ended.status != 0 || ended.bySignal else { return nil }
        let said = FileManager.default.contents(atPath: path)?.prefix(2000) ?? Data()
        let words = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if ended.bySignal {
            let cause = [SIGXCPU, SIGKILL].contains(ended.status) ? "took too much time" : "broke the decoder"
            return Failure(description: "the picture \(cause) (signal \(ended.status))", isOfThePicture: true)
        }
        return Failure(
            description: words.isEmpty ? "drawing ended with \(ended.status)" : words,
            isOfThePicture: ended.status == 65)
    }
}

/// So many at once; the others wait in turn.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(free: Int) { self.free = max(1, free) }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
