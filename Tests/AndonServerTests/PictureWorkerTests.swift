import AndonDraw
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("Pictures in processes of their own")
struct PictureWorkerTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-worker-\(UUID())").path
    private let annotation = Annotation(
        marks: [.init(box: [10, 10, 50, 40], label: "dent 0.9", band: "major", rank: 1)], title: "T", legend: [])

    private func file(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    private func script(_ body: String) throws -> URL {
        let path = try file("script-\(UUID()).sh", Array("#!/bin/sh\n\(body)\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return URL(fileURLWithPath: path)
    }

    private func worker(_ program: URL = AndonProcess.program, pixelsMax: Int = 10_000_000) -> PictureWorker {
        PictureWorker(program: program, pixelsMax: pixelsMax, folder: folder + "/work")
    }

    private var sample: String {
        get throws { try file("sample.jpg", samplePicture("dent")) }
    }

    @Test("A copy is there whole; many at once are the same")
    func copies() async throws {
        let (worker, sample) = (worker(), try sample)
        let annotation = annotation
        let folder = folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<6 {
                group.addTask { try await worker.annotate(sample, annotation, output: "\(folder)/out-\(index).jpg") }
            }
            try await group.waitForAll()
        }
        let copies = Set(try (0..<6).map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out-\($0).jpg")) })
        #expect(copies.count == 1 && copies.first?.isEmpty == false)
        try await worker.crop(
            sample, box: Box(x: 10, y: 10, width: 50, height: 40), title: "-x", good: .init(path: sample, title: "--y"),
            output: "\(folder)/crop.png")
        #expect(FileManager.default.contents(atPath: "\(folder)/crop.png")?.starts(with: [0x89, 0x50]) == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/work").isEmpty, "nothing is left behind")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("Who draws stands behind what comes in, from its first moment")
    func standsBack() async throws {
        // Its parent says so right after the start: it looks until it has been told.
        let program = try script(
            "i=0; while [ $i -lt 2000 ]; do [ $(nice) = 10 ] && exit 0; i=$((i+1)); done; echo \"$(nice)\" >&2; exit 65"
        )
        try await worker(program).thumbnail(try sample, width: 100, output: folder + "/out.jpg")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("With thousands of files open here a copy is drawn all the same, and the child has none of them")
    func manyFiles() async throws {
        // In a process of its own: with so many files open here, Foundation's `Process` in the tests beside this one reads
        // behind the end of its memory (ChildStart.swift).
        await #expect(processExitsWith: .success) { try await PictureWorkerTests().drawWithManyFiles() }
    }

    private func drawWithManyFiles() async throws {
        let held = (0..<3000).map { _ in open("/dev/null", O_RDONLY) }
        defer { for file in held { close(file) } }
        try #require(held.allSatisfy { $0 >= 0 }, "the limit of open files is too low here")
        let sample = try sample
        try await worker().annotate(sample, annotation, output: "\(folder)/out.jpg")
        #expect(FileManager.default.fileExists(atPath: "\(folder)/out.jpg"))
        let list = try script("ls /proc/self/fd | wc -l >&2; exit 3")
        let failure = await #expect(throws: PictureWorker.Failure.self) {
            try await worker(list).annotate(sample, annotation, output: "\(folder)/out.jpg")
        }
        // Its three streams, and the folder that it lists.
        #expect(failure.flatMap { Int($0.description) } ?? 99 <= 5, "\(String(describing: failure))")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("What is wrong with a picture is the picture's fault, in the decoder's words")
    func faults() async throws {
        func failure(_ worker: PictureWorker, _ path: String) async -> PictureWorker.Failure? {
            await #expect(throws: PictureWorker.Failure.self) {
                try await worker.annotate(path, annotation, output: "\(folder)/out.jpg")
            }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: try sample))
        let cut = await failure(worker(), try file("cut.jpg", whole.prefix(whole.count / 2)))
        #expect(cut?.isOfThePicture == true && cut?.description.contains("Premature end") == true)
        let large = await failure(worker(pixelsMax: 1000), try sample)
        #expect(large?.isOfThePicture == true && large?.description.contains("intake.picturePixelsMax") == true)
        let crash = await failure(worker(try script("kill -SEGV $$")), try sample)
        #expect(crash?.isOfThePicture == true && crash?.description.contains("signal 11") == true)
        let slow = await failure(worker(try script("kill -KILL $$")), try sample)
        #expect(slow?.description.contains("took too much time") == true)
        let other = await failure(worker(try script("echo no room >&2; exit 1")), try sample)
        #expect(other?.isOfThePicture == false && other?.description == "no room")
        let missing = await failure(worker(URL(fileURLWithPath: "/nowhere/andon")), try sample)
        #expect(missing?.isOfThePicture == false && missing?.description.contains("cannot be started") == true)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/out.jpg"))
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("The limits are real: a process without memory ends by itself, and says so")
    func limits() async throws {
        let plain = try file("plain.ppm", Array("P6 6000 4000 255\n".utf8) + [UInt8](repeating: 99, count: 72_000_000))
        let maker = Process()
        maker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // All coefficients of a progressive file are in memory at once.
        maker.arguments = ["cjpeg", "-progressive", "-outfile", "\(folder)/large.jpg", plain]
        try maker.run()
        maker.waitUntilExit()
        let sample = "\(folder)/large.jpg"
        let marks = try file("marks.json", Array(try JSONEncoder().encode(annotation)))
        func status(_ limits: [String]) throws -> Int32 {
            let process = Process()
            process.executableURL = AndonProcess.program
            process.arguments =
                ["annotate", sample, "--annotation", marks, "--output", "\(folder)/out.jpg"] + limits
            process.environment = ["SWIFT_BACKTRACE": "enable=no"]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try status([]) == 0)
        #expect(try status(["--memory", "1"]) == 65)
        #expect(try status(["--memory", "-5"]) == 64)
        try FileManager.default.removeItem(atPath: folder)
    }
}
