import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite(
    "A server with its pictures in object storage",
    .enabled(if: RealS3.python != nil, Comment(rawValue: RealS3.missing)))
struct ObjectStorageServerTests {
    private static func configuration(_ server: RealS3, port: Int) -> String {
        """
        server:
          pictures:
            s3: http://127.0.0.1:\(port)
            bucket: \(RealS3.bucket)
            prefix: bedford/
            accessKey: { env: ANDON_S3_ACCESS_KEY }
            secretKey: { env: ANDON_S3_SECRET }
            timeout: 1s

        """ + ServerFixture.plant
    }

    private static func environment(_ server: RealS3) -> [String: String] {
        ["ANDON_S3_ACCESS_KEY": server.accessKey, "ANDON_S3_SECRET": server.secretKey]
    }

    private static func send(_ server: ServerFixture, _ id: String, _ picture: Data) async throws -> TestClient.Answer {
        try await server.client.report(server.report(id), picture: picture)
    }

    @Test("Reports are answered with their pictures there; pages, small copies, exports and the checks read them back")
    func life() async throws {
        let storage = try RealS3()
        let server = try ServerFixture(
            Self.configuration(storage, port: storage.port), environment: Self.environment(storage))
        let picture = try samplePicture("blister")
        let answer = try await Self.send(server, "r-1", picture)
        #expect(answer.status == 202, "\(answer.json)")
        let digest = Hex.sha256(Array(picture))
        #expect(try await storage.keys(below: "") == ["bedford/\(digest.prefix(2))/\(digest)"])
        #expect(try await storage.get("bedford/\(digest.prefix(2))/\(digest)").sha256 == digest)
        let copies = server.data + "/picture-copies"
        try FileManager.default.removeItem(atPath: "\(copies)/\(digest.prefix(2))/\(digest).jpg")
        let read = try await server.client.get("/pictures/\(digest)")
        #expect(read.status == 200 && read.body == picture)
        #expect(try await server.client.get("/pictures/\(digest)/thumbnail?width=320").status == 200)
        let verified = try await Self.verify(server, storage)
        #expect(verified.status == 0 && verified.output.contains("all are there"), "\(verified.output)")
        try await storage.put("bedford/\(digest.prefix(2))/\(digest)", Array(picture.reversed()))
        let altered = try await Self.verify(server, storage)
        #expect(altered.status == 1 && altered.output.contains("altered: \(digest)"), "\(altered.output)")
        try FileManager.default.removeItem(atPath: "\(copies)/\(digest.prefix(2))/\(digest).jpg")
        let refused = try await server.client.get("/pictures/\(digest)")
        #expect(refused.status == 502 && refused.json["type"]?.string?.hasSuffix("picture-altered") == true)
        try await server.process.stop()
    }

    private static func verify(
        _ server: ServerFixture, _ storage: RealS3
    ) async throws -> (status: Int32, output: String) {
        try await AndonProcess.run(
            ["pictures", "verify", "--bytes", "--config", server.config, "--data", server.data],
            environment: environment(storage))
    }

    @Test(
        "While the object storage is away a report with a picture is refused clearly, one without is taken, and all goes on"
    )
    func away() async throws {
        let storage = try RealS3()
        let relay = try await CuttableRelay(to: storage.port)
        let server = try ServerFixture(
            Self.configuration(storage, port: relay.port), environment: Self.environment(storage))
        let picture = try samplePicture("blister")
        await relay.close()
        let refused = try await Self.send(server, "r-1", picture)
        #expect(refused.status == 503 && refused.json["type"]?.string?.hasSuffix("pictures-away") == true)
        #expect(refused.json["detail"]?.string?.contains("Nothing of the request was kept") == true)
        #expect(try await server.client.get("/api/v1/inspections/r-1").status == 404)
        #expect(try await server.client.post("/api/v1/inspections", server.report("r-2")).status == 202)
        #expect(
            try await eventually {
                let alarms = try await server.client.get("/api/v1/alarms").json["alarms"]?.array ?? []
                return alarms.contains { $0["kind"] == "pictures-away" }
            })
        try await server.process.stop()
    }

    @Test("Pictures of the data folder are moved by themselves; without the storage's name the server does not start")
    func move() async throws {
        let storage = try RealS3()
        let plain = try ServerFixture(environment: Self.environment(storage))
        let picture = try samplePicture("blister")
        #expect(try await Self.send(plain, "r-1", picture).status == 202)
        try await plain.process.stop()
        try Data(Self.configuration(storage, port: storage.port).utf8).write(to: URL(fileURLWithPath: plain.config))
        let moved = try AndonProcess(
            config: plain.config, data: plain.data, access: "open", environment: Self.environment(storage))
        let digest = Hex.sha256(Array(picture))
        #expect(try await eventually { try await storage.keys(below: "") == ["bedford/\(digest.prefix(2))/\(digest)"] })
        #expect(try await eventually { try plain.pictures().isEmpty })
        #expect(try await TestClient(moved.address).get("/pictures/\(digest)").body == picture)
        try await moved.stop()
        try Data(ServerFixture.plant.utf8).write(to: URL(fileURLWithPath: plain.config))
        let without = try await AndonProcess.run(
            ["serve", "--config", plain.config, "--data", plain.data, "--port", "0"])
        #expect(without.status != 0 && without.output.contains("name that in the configuration"), "\(without.output)")
    }
}
