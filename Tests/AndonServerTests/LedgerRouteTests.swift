import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@Suite("The signed record over HTTP and by the commands")
struct LedgerRouteTests {
    private func andon(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await AndonProcess.run(arguments)
    }

    private func keys(_ server: ServerFixture) async throws -> JSON {
        try await server.client.get("/api/v1/ledger/keys").json
    }

    private func key(_ server: ServerFixture) async throws -> String {
        try #require(try await keys(server)["keys"]?.array?.last?["key"]?.string)
    }

    @Test("A report is proven offline by a file, and all of the record by a folder; an altered byte is found")
    func proofs() async throws {
        let server = try ServerFixture()
        _ = try await server.client.post("/api/v1/inspections", server.report("a"))
        let vkey = try await key(server)
        #expect(vkey.hasPrefix("andon/bedford+"))
        let made = try await andon(["ledger", "checkpoint", "--server", server.process.address])
        let served = try await server.client.get("/ledger/checkpoint")
        #expect(served.status == 200 && served.text.hasPrefix("andon/bedford\n"))
        #expect(made.status == 0 && made.output.hasPrefix("andon/bedford\n"))
        let out = server.folder.path + "/proofs"
        let proven = try await andon(["ledger", "prove", "a#0", "--data", server.data, "--out", out])
        #expect(proven.status == 0, "\(proven.output)")
        let file = try #require(proven.output.split(separator: "\n").first.map(String.init))
        let holds = try await andon(["ledger", "verify-bundle", file, "--key", vkey])
        #expect(holds.status == 0 && holds.output.contains("holds: andon/bedford"), "\(holds.output)")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.replacing("index ", with: "index 1").utf8).write(to: URL(fileURLWithPath: file))
        let altered = try await andon(["ledger", "verify-bundle", file, "--key", vkey])
        #expect(altered.status == 1 && altered.output.contains("does NOT hold"), "\(altered.output)")

        let folder = server.folder.path + "/tiles"
        let written = try await andon(["ledger", "tiles", folder, "--data", server.data])
        #expect(written.status == 0, "\(written.output)")
        let whole = try await andon(["ledger", "verify-bundle", folder, "--key", vkey])
        #expect(whole.status == 0, "\(whole.output)")
        let size = try #require(served.text.split(separator: "\n").dropFirst().first.flatMap { Int64($0) })
        for tile in Tile.all(size: size) {
            let answer = try await server.client.get("/ledger/\(tile.path)")
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/octet-stream")
        }
        for path in ["tile/0/000", "tile/0/000.p/255", "tile/9/000", "tile/entries/x/y"] {
            #expect(try await server.client.get("/ledger/\(path)").status == 404, "\(path)")
        }
        let proof = try await server.client.get("/api/v1/ledger/proof/0")
        #expect(try LogProof(parsing: proof.text).verified(by: [VerifierKey(parsing: vkey)]).checkpoint.size > 0)
        #expect(try await server.client.get("/api/v1/ledger/proof/99999").status == 404)
        try await server.end()
        let verified = try await andon(["ledger", "verify", "--data", server.data, "--key", vkey])
        #expect(verified.output.contains("signed checkpoints"), "\(verified.output)")
        let other = try SigningKey(name: "andon/bedford", algorithm: .ed25519, seed: Array(0..<32)).verifier
        #expect(try await andon(["ledger", "verify", "--data", server.data, "--key", "\(other)"]).status == 1)
    }

    @Test("A key is rotated and a name erased while the server runs; both need who and why")
    func keysAndNames() async throws {
        let server = try ServerFixture()
        let first = try await key(server)
        let answer = try await server.client.post("/api/v1/inspections", server.report("a"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string)
        let form = Data("person=R.+Wilson".utf8)
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        _ = try await server.client.send("POST", "/desk/\(reference)/start", headers: type, body: form)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["assignee"] == "R. Wilson"
            })
        #expect(try await server.client.post("/api/v1/ledger/key", ["by": "A. Nowak"]).status == 422)
        let rotated = try await andon(
            [
                "ledger", "rotate-key", "--by", "A. Nowak", "--reason", "yearly", "--server", server.process.address,
            ])
        #expect(rotated.status == 0, "\(rotated.output)")
        let second = try await key(server)
        #expect(second != first && rotated.output.contains(second))

        let refused = try await server.client.post(
            "/api/v1/ledger/erasure", ["person": "R. Wilson", "by": "DPO", "reason": "R. Wilson asked"])
        #expect(refused.status == 422, "the reason would keep the name")
        let erased = try await andon(
            [
                "ledger", "erase", "R. Wilson", "--by", "DPO", "--reason", "request 7", "--server",
                server.process.address,
            ])
        #expect(erased.status == 0, "\(erased.output)")
        let order = try await server.client.get("/api/v1/orders/\(reference)")
        #expect(!order.text.contains("Wilson"), "\(order.text)")
        #expect(order.text.contains("\"withheld\":true"))
        #expect(try await server.client.get("/api/v1/ledger").text.contains("Wilson") == false)
        #expect(try await server.client.get("/desk/\(reference)").text.contains("Wilson") == false)
        try await server.end()
        for key in [first, second] {
            let verified = try await andon(["ledger", "verify", "--data", server.data, "--key", key])
            #expect(verified.status == 0 && verified.output.contains("withheld"), "\(verified.output)")
        }
    }

    @Test(
        "A folder that was put back is not served, with exit code 65 and what to do; accepted it is, and it is recorded"
    )
    func rollback() async throws {
        let folder = try TemporaryFolder("andon-rollback")
        let config = folder.path + "/andon.yaml"
        let data = folder.path + "/data"
        try Data("\(ServerFixture.plant)ledger: { checkpointCopy: \(folder.path)/outside }\n".utf8)
            .write(to: URL(fileURLWithPath: config))
        var process = try AndonProcess(config: config, data: data)
        try await process.stop()
        try FileManager.default.copyItem(atPath: data, toPath: folder.path + "/old")
        process = try AndonProcess(config: config, data: data)
        let rules = try await TestClient(process.address).post(
            "/api/v1/holds", ["lot": "L", "by": "A. Nowak", "reason": "claim"])
        #expect(rules.status == 201)
        try await process.stop()
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.moveItem(atPath: folder.path + "/old", toPath: data)
        let serve = ["serve", "--config", config, "--data", data, "--port", "0", "--access", "open"]
        let refused = try await andon(serve)
        #expect(refused.status == 65 && refused.output.contains("put back to an earlier state"), "\(refused.output)")
        #expect(refused.output.contains("--accept-rollback WHO WHY"))
        process = try AndonProcess(
            config: config, data: data, arguments: ["--accept-rollback", "A. Nowak", "last night's backup"])
        let ledger = try await TestClient(process.address).get("/api/v1/ledger").json["entries"]?.array ?? []
        #expect(ledger.contains { $0["kind"] == "ledger.restarted" && $0["body"]?["by"] == "A. Nowak" })
        try await process.stop()
        #expect(try await andon(["ledger", "verify", "--data", data]).status == 0)
        process = try AndonProcess(config: config, data: data)
        try await process.stop()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: data + "/ledger.key")
        let open = try await andon(serve)
        #expect(open.status == 65 && open.output.contains("chmod 600"), "\(open.output)")
    }

    @Test("Two sites sign for each other, over the network and by files; an authority stamps")
    func witnesses() async throws {
        let authority = try await TimestampAuthority()
        let tsa = try await authority.serve()
        let log = try ServerFixture()
        let vkey = try await key(log)
        let witness = try ServerFixture("\(ServerFixture.plant)ledger: { origin: quality, witnessOf: [\"\(vkey)\"] }\n")
        let cosigner = try #require(try await keys(witness)["witness"]?.string)

        // By files: the log learns the witness's key at its next start.
        let request = log.folder.path + "/request"
        let asked = try await andon(["ledger", "witness-request", request, "--server", log.process.address])
        #expect(asked.status == 0, "\(asked.output)")
        let signed = try await andon(["ledger", "cosign", request, "--server", witness.process.address])
        #expect(signed.status == 0 && signed.output.contains("— quality/witness "), "\(signed.output)")
        let answer = log.folder.path + "/answer"
        try Data(signed.output.utf8).write(to: URL(fileURLWithPath: answer))
        let stranger = try await andon(["ledger", "add-cosignature", answer, "--server", log.process.address])
        #expect(stranger.status == 1, "it is nobody's witness yet")
        try await log.process.stop()

        let yaml = """
            \(ServerFixture.plant)ledger:
              checkpointEvery: 1s
              witnesses: [{ key: "\(cosigner)", url: \(witness.process.address)/ledger }]
              timestamps: { url: \(tsa.address)/stamp }

            """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: log.config))
        let again = try AndonProcess(config: log.config, data: log.data)
        let client = TestClient(again.address)
        let kept = try await andon(["ledger", "add-cosignature", answer, "--server", again.address])
        #expect(kept.status == 0 && kept.output.contains("quality/witness"), "\(kept.output)")
        #expect(try await client.post("/api/v1/holds", ["lot": "L", "by": "A", "reason": "b"]).status == 201)
        let made = try await client.send("POST", "/api/v1/ledger/checkpoint").text
        #expect(
            try await eventually {
                let served = try await client.get("/ledger/checkpoint").text
                return served.hasPrefix(made.prefix { $0 != "\u{2014}" }) && served.contains("— quality/witness ")
            })
        #expect(try await client.get("/api/v1/alarms").text.contains("ledger-") == false)
        let fork = try await TestClient(witness.process.address).send(
            "POST", "/ledger/add-checkpoint", body: Data(contentsOf: URL(fileURLWithPath: request)))
        #expect(fork.status == 409 && fork.headers["content-type"] == "text/x.tlog.size", "\(fork.text)")
        try await again.stop()
        let verified = try await andon(["ledger", "verify", "--data", log.data, "--key", vkey])
        #expect(verified.status == 0 && !verified.output.contains(" 0 signatures of witnesses"), "\(verified.output)")
        #expect(try await andon(["ledger", "prove", "0", "--data", log.data, "--out", log.folder.path]).status == 0)
        try await witness.end()
        try await tsa.stop()
    }

    @Test("The tiles ask for the API key as the API does, unless they were opened; checkpoint and witness do not")
    func guarded() async throws {
        for opens in [false, true] {
            let server = try ServerFixture(
                "\(ServerFixture.plant)server: { apiKey: { env: K } }\nledger: { openTiles: \(opens) }\n",
                environment: ["K": "secret"])
            let size = try await server.client.get("/ledger/checkpoint").text.split(separator: "\n")[1]
            let path = "/ledger/tile/0/000.p/\(size)"
            #expect(try await server.client.get(path).status == (opens ? 200 : 401))
            let key = ["Authorization": "Bearer secret"]
            #expect(try await server.client.send("GET", path, headers: key).status == 200)
            #expect(try await server.client.send("POST", "/ledger/add-checkpoint", body: Data()).status == 404)
            #expect(try await server.client.post("/api/v1/ledger/key", ["by": "A", "reason": "b"]).status == 401)
            try await server.end()
        }
    }
}
