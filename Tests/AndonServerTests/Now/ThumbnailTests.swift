import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIntake
@testable import AndonServer

@Suite("Small copies of pictures")
struct ThumbnailTests {
    /// A program that stands in for the picture program: writes what it is told, and a line for each time it was begun.
    private static func program(_ folder: String, _ body: String) throws -> URL {
        let path = "\(folder)/program.sh"
        // Its arguments: thumbnail PICTURE --width WIDTH --output FILE …
        let text = "#!/bin/sh\necho once >> \(folder)/begun\n\(body)\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return URL(fileURLWithPath: path)
    }

    private static func begun(_ folder: String) -> Int {
        let text = FileManager.default.contents(atPath: "\(folder)/begun").map { String(decoding: $0, as: UTF8.self) }
        return (text ?? "").split(separator: "\n").count
    }

    private static func bench(_ body: String) throws -> (TemporaryFolder, PictureStore, Thumbnails, Picture) {
        let folder = try TemporaryFolder("andon-thumbnails")
        let pictures = try PictureStore(folder: folder.path + "/pictures")
        let bytes = Array("a picture".utf8)
        let picture = Picture(sha256: Hex.sha256(bytes), bytes: bytes.count, mediaType: .jpeg)
        try Data(bytes).write(to: URL(fileURLWithPath: pictures.path(of: picture)))
        let worker = PictureWorker(
            program: try program(folder.path, body), pixelsMax: 1_000_000, folder: folder.path + "/drawing")
        return (folder, pictures, Thumbnails(pictures: pictures, worker: worker), picture)
    }

    @Test("The same one asked for many times at once is made once, and later it lies there")
    func once() async throws {
        let (folder, pictures, thumbnails, picture) = try Self.bench("printf small > \"$6\"")
        try await withThrowingTaskGroup(of: Data?.self) { group in
            for _ in 0..<20 { group.addTask { try await thumbnails.file(of: picture, width: 320) } }
            for try await data in group { #expect(data == Data("small".utf8)) }
        }
        #expect(Self.begun(folder.path) == 1)
        #expect(try await thumbnails.file(of: picture, width: 160) != nil)
        #expect(Self.begun(folder.path) == 2)
        let path = pictures.thumbnails.path(of: picture.sha256, width: 320)
        #expect(path.hasPrefix(folder.path + "/derived/") && FileManager.default.fileExists(atPath: path))
    }

    @Test("A picture that breaks the decoder is told once, and is not tried again")
    func hostile() async throws {
        let (folder, _, thumbnails, picture) = try Self.bench("echo it is damaged >&2; exit 65")
        for _ in 0..<3 {
            do {
                _ = try await thumbnails.file(of: picture, width: 320)
                Issue.record("there is a copy")
            } catch let problem as Problem {
                #expect(problem.status == 404 && problem.detail.contains("it is damaged"))
            }
        }
        #expect(Self.begun(folder.path) == 1)
    }

    @Test("A copy that was made while its picture went goes as well; copies go with their picture")
    func gone() async throws {
        let (folder, pictures, thumbnails, picture) = try Self.bench("printf small > \"$6\"; rm -f \"$2\"")
        #expect(try await thumbnails.file(of: picture, width: 640) == nil)
        let shelf = pictures.thumbnails.shelf(of: picture.sha256)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).isEmpty)
        for width in ThumbnailFolder.widths {
            let path = pictures.thumbnails.path(of: picture.sha256, width: width)
            try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        }
        let isGone = try pictures.remove(picture, isKept: { false })
        #expect(isGone)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).isEmpty)
        withExtendedLifetime(folder) {}
    }

    @Test("Over HTTP a copy is small, and is known by its tag; a damaged picture has none")
    func served() async throws {
        let server = try ServerFixture()
        let (whole, cut) = (try samplePicture("scratch"), try samplePicture("dent").prefix(9000))
        for (id, bytes) in [("whole", whole), ("cut", cut)] {
            #expect(try await server.client.report(server.report(id), picture: bytes).status == 202)
        }
        let path = "/pictures/\(Hex.sha256(Array(whole)))/thumbnail"
        let small = try await server.client.get("\(path)?width=160")
        #expect(small.status == 200 && small.headers["content-type"] == "image/jpeg", "\(small.text)")
        #expect(small.body.count < 20_000 && small.body.starts(with: [0xFF, 0xD8, 0xFF]))
        #expect(small.headers["cache-control"]?.contains("immutable") == true)
        let tag = try #require(small.headers["etag"])
        #expect(tag.hasPrefix("\""))
        let known = try await server.client.send(
            "GET", "\(path)?width=160", headers: ["If-None-Match": tag])
        #expect(known.status == 304 || known.body == small.body, "a client that keeps it may answer by itself")
        let wide = try await server.client.get("\(path)?width=640")
        #expect(wide.body.count > small.body.count)
        #expect(try await server.client.get("\(path)?width=161").status == 400)
        #expect(try await server.client.get("/pictures/\(String(repeating: "0", count: 64))/thumbnail").status == 404)
        let damaged = try await server.client.get("/pictures/\(Hex.sha256(Array(cut)))/thumbnail")
        #expect(damaged.status == 404 && damaged.text.contains("damaged"), "\(damaged.text)")
        try await server.end()
    }

    @Test("When a picture's retention has ended its copies go with it, and it is said that it was here")
    func retention() async throws {
        let folder = try TemporaryFolder("andon-thumbnails")
        let (config, data) = ("\(folder.path)/andon.yaml", "\(folder.path)/data")
        try Data(ServerFixture.plant.utf8).write(to: URL(fileURLWithPath: config))
        let time = TestTime(SystemTime().now() - Retention.day * 100)
        let store = try Store(
            folder: try TestDatabase.folder(data), time: time, steps: DeskSchema.steps + IdentitySchema.steps)
        let pictures = try PictureStore(folder: data + "/pictures")
        // Of a camera's pictures without a defect the newest stays.
        for (number, name) in ["scratch", "dent"].enumerated() {
            let bytes = Array(try samplePicture(name))
            let picture = Picture(sha256: Hex.sha256(bytes), bytes: bytes.count, mediaType: .jpeg)
            try Data(bytes).write(to: URL(fileURLWithPath: pictures.path(of: picture)))
            let inspection = Inspection(
                id: "past-\(number)", detectedAt: time.now(), camera: "CAM-01", asset: "PRESS-07", defects: [])
            try await store.write { transaction in
                _ = try transaction.insert(
                    inspection, body: ["id": .string(inspection.id)], digest: "d", asset: "PRESS-07", picture: picture,
                    isSkewed: false)
                _ = try transaction.record("inspection.accepted", of: inspection.id, [:])
            }
        }
        try store.close()
        let digests = try ["scratch", "dent"].map { Hex.sha256(Array(try samplePicture($0))) }
        let copy = pictures.thumbnails.path(of: digests[0], width: 320)
        try FileManager.default.createDirectory(
            atPath: pictures.thumbnails.shelf(of: digests[0]), withIntermediateDirectories: true)
        try Data("small".utf8).write(to: URL(fileURLWithPath: copy))
        let server = try AndonProcess(config: config, data: data)
        let client = TestClient(server.address)
        #expect(try await eventually { try await client.get("/pictures/\(digests[0])/thumbnail").status == 410 })
        #expect(try await eventually { !FileManager.default.fileExists(atPath: copy) })
        let gone = try await client.get("/pictures/\(digests[0])/thumbnail")
        #expect(
            gone.json["type"]?.string?.hasSuffix("picture-removed") == true || gone.text.contains("not kept any more"))
        #expect(try await client.get("/pictures/\(digests[1])/thumbnail").status == 200)
        try await server.stop()
        withExtendedLifetime(folder) {}
    }
}
