import AndonLedger
import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonAudit

@Suite("A compliance package")
struct ExportTests {
    /// A server with two orders, one of them closed, and its package.
    struct Made {
        var server: ServerFixture
        var key: String
        var path: String

        /// - Parameter signed: whether K. Sommer signed the closure, and the package.
        init(_ standard: String = "iso-9001", signed: Bool = false) async throws {
            server = try ServerFixture()
            let people = ServerPeople(server: server)
            if signed {
                try await people.setUp()
                try await people.person("k.sommer", "K. Sommer", ["quality-engineer"])
            }
            for id in ["e1", "e2"] {
                let answer = try await server.client.report(
                    server.report(
                        id, ["lot": .string("L-\(id)"), "defects": [Self.defect(id)]]),
                    picture: samplePicture("scratch"))
                let order = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
                let client = server.client
                #expect(
                    try await eventually {
                        try await client.get("/api/v1/orders/\(order)").json["order"]?["delivery"] == "acknowledged"
                    })
                guard id == "e1" else { continue }
                let form = "person=K.+Sommer&hours=1.5&cause=WEAR&notes=Die+changed&verdict=confirmed"
                _ = try await client.send(
                    "POST", "/desk/\(order)/close", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                    body: Data(form.utf8))
                #expect(
                    try await eventually {
                        try await client.get("/api/v1/orders/\(order)").json["order"]?["state"] == "closed"
                    })
                if signed { #expect(try await people.sign("orders/\(order)", "k.sommer").status == 201) }
            }
            path = server.folder.path + "/package.zip"
            key = ""
            let run = try await export(
                standard, ["--from", "2020-01-01", "--to", "2100-01-01"] + (signed ? ["--login", "k.sommer"] : []),
                input: signed ? ServerPeople.password + "\n" : "")
            try #require(run.status == 0, "\(run.output)")
            let keys = try await server.client.get("/api/v1/ledger/keys").json["keys"]?.array ?? []
            key = try #require(keys.last?["key"]?.string)
        }

        /// All files of the package, in a folder.
        func unzipped() async throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            let run = try await runProgram(
                URL(fileURLWithPath: "/usr/bin/env"), ["/usr/bin/python3", "-m", "zipfile", "-e", path, folder.path])
            #expect(run.status == 0, "\(run.output)")
            return folder
        }

        private static func defect(_ id: String) -> JSON {
            [
                "class": .string(id == "e1" ? "scratch" : "dent"), "confidence": 0.9, "severity": 0.8,
                "box": ["x": 20, "y": 20, "width": 60, "height": 40],
            ]
        }

        func export(
            _ standard: String, _ options: [String], input: String = ""
        ) async throws -> (status: Int32, output: String) {
            let address = server.process.address
            let run = try await AndonProcess.run(
                ["export", "--standard", standard, "--out", path, "--server", "\(address)"] + options, input: input)
            return (run.status, run.output)
        }

        func verify(_ file: String) async throws -> (status: Int32, output: String) {
            let run = try await AndonProcess.run(["ledger", "verify-bundle", file, "--key", key])
            return (run.status, run.output)
        }

        /// By the verifier in the archive itself, which knows nothing of this program.
        func judge(_ file: String) async throws -> (status: Int32, output: String) {
            let script = server.folder.path + "/package/verify.py"
            _ = try await runProgram(
                URL(fileURLWithPath: "/usr/bin/env"),
                ["/usr/bin/python3", "-m", "zipfile", "-e", path, server.folder.path + "/package"])
            let run = try await runProgram(
                URL(fileURLWithPath: "/usr/bin/env"), ["/usr/bin/python3", script, file, key])
            return (run.status, run.output)
        }
    }

    @Test("It holds by the command and by its own verifier; it names what is complete and what is missing")
    func holds() async throws {
        let made = try await Made()
        let own = try await made.verify(made.path)
        #expect(own.status == 0 && own.output.contains("2 records (1 complete)"), "\(own.output)")
        let other = try await made.judge(made.path)
        #expect(other.status == 0 && other.output.contains("2 records (1 complete)"), "\(other.output)")
        let folder = try TemporaryFolder()
        let unzipped = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["/usr/bin/python3", "-m", "zipfile", "-e", made.path, folder.path])
        #expect(unzipped.status == 0, "\(unzipped.output)")
        let test = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["/usr/bin/python3", "-m", "zipfile", "-t", made.path])
        #expect(test.status == 0, "\(test.output)")
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        }
        let clauses = try JSON(parsing: try text("clauses.json"))
        let corrective = try #require(clauses.array?.first { $0["clause"] == "10.2.1" })
        #expect(corrective["complete"] == 0 && corrective["missing"]?["cause"] == 1)
        #expect(corrective["missing"]?["containment"] == 2)
        let register = try text("register.csv").split(separator: "\r\n")
        #expect(register.count == 3 && register[0].hasPrefix("reference,title,raised_at,state,complete,detection,"))
        #expect(register.contains { $0.contains(",closed,yes,") } && register.contains { $0.contains(",open,no,") })
        let front = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["pdftotext", "-layout", "\(folder.path)/register.pdf", "-"])
        for words in ["ISO 9001: compliance package", "1 of 2 records lack", "8.7.2", "page 1 of", "Contents"] {
            #expect(front.output.contains(words), "\(words)")
        }
        let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/pictures")
        #expect(pictures.count { $0.contains("-original.") } == 2 && pictures.count { $0.contains("-annotated.") } == 2)
        try await made.server.end()
    }

    @Test("It says what the system shows: cameras, rules, the ledger day by day, and that no validation is recorded")
    func system() async throws {
        let made = try await Made("iso-13485")
        let folder = try await made.unzipped()
        func json(_ name: String) throws -> JSON {
            try JSON(parsing: String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8))
        }
        let ledger = try json("system/ledger.json")
        #expect(ledger["range"]?["gapFree"] == true && ledger["range"]?["firstEntry"] == 0)
        let days = ledger["days"]?.array ?? []
        #expect(days.reduce(0) { $0 + ($1["received"]?.integer ?? 0) } == 2, "\(days)")
        #expect(days.reduce(0) { $0 + ($1["raised"]?.integer ?? 0) } == 2 && days.allSatisfy { $0["holds"] == true })
        let rules = try json("system/rules.json")["versions"]?.array ?? []
        #expect(
            rules.count == 1 && rules[0]["sha256"]?.string == Hex.sha256((rules[0]["rules"] ?? .null).canonicalBytes))
        let cameras = try String(contentsOfFile: folder.path + "/system/cameras.csv", encoding: .utf8)
        #expect(cameras.contains("CAM-01,yes,2,0,"), "\(cameras)")
        #expect(try json("system/validation.json")["recorded"] == false)
        let clauses = try json("clauses.json").array ?? []
        let software = try #require(clauses.first { $0["clause"] == "4.1.6" })
        let statuses = (software["system"]?.array ?? []).map {
            "\($0["evidence"]?.string ?? "") \($0["status"]?.string ?? "")"
        }
        #expect(statuses == ["validation missing", "rules shown"], "\(statuses)")
        let manifest = try json("manifest.json")
        #expect(manifest["software"] == .string(Software.version))
        let names = (manifest["files"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(Set(names).count == names.count && names.contains("proofs/system.json"))
        let front = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["pdftotext", "-layout", "\(folder.path)/register.pdf", "-"])
        for words in ["The system", "no validation pack is recorded", "Rules in force", "without a gap"] {
            #expect(front.output.contains(words), "\(words)")
        }
        try await made.server.end()
    }

    @Test("Names come with what shows that they are the right ones; erased ones are withheld, and the package holds")
    func names() async throws {
        let made = try await Made()
        let before = try await made.verify(made.path)
        #expect(before.status == 0 && !before.output.contains(" 0 values"), "\(before.output)")
        let folder = try await made.unzipped()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/proofs")
        let texts = try files.map { try String(contentsOfFile: "\(folder.path)/proofs/\($0)", encoding: .utf8) }
        #expect(texts.contains { $0.contains("\"value\":\"K. Sommer\"") })
        let erased = try await AndonProcess.run([
            "ledger", "erase", "K. Sommer", "--by", "DPO", "--reason", "asked for", "--server",
            made.server.process.address,
        ])
        #expect(erased.status == 0, "\(erased.output)")
        let run = try await made.export("iso-9001", ["--from", "2020-01-01", "--to", "2100-01-01"])
        #expect(run.status == 0, "\(run.output)")
        for check in [try await made.verify(made.path), try await made.judge(made.path)] {
            #expect(check.status == 0 && check.output.contains("2 records (1 complete)"), "\(check.output)")
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: made.path))
        #expect(bytes.range(of: Data("K. Sommer".utf8)) == nil && bytes.range(of: Data("withheld".utf8)) != nil)
        try await made.server.end()
    }

    @Test("Whatever single byte is altered, cut off or added is found; in an unaltered one nothing is")
    func mutations() async throws {
        let made = try await Made("iatf-16949", signed: true)
        let original = try Data(contentsOf: URL(fileURLWithPath: made.path))
        let keys = [try VerifierKey(parsing: made.key)]
        _ = try PackageVerifier.verify(made.path, keys: keys)
        let count = ProcessInfo.processInfo.environment["ANDON_MUTATIONS"].flatMap { Int($0) } ?? 60
        let seed = UInt64.random(in: .min ... .max)
        print("ExportTests.mutations \(count) of \(original.count) bytes, seed \(seed)")
        var random = SeededRandom(seed: seed)
        let altered = made.server.folder.path + "/altered.zip"
        var places = Set<String>()
        for number in 0..<count {
            var bytes = original
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch number % 10 {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            default: bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            }
            try bytes.write(to: URL(fileURLWithPath: altered))
            do {
                _ = try PackageVerifier.verify(altered, keys: keys)
                Issue.record("the byte \(place) may be altered, seed \(seed)")
            } catch let fault as PackageFault {
                places.insert(fault.file)
            }
            guard number % 25 == 2 else { continue }
            let other = try await made.judge(altered)
            #expect(other.status == 1 && other.output.contains("NOT RIGHT"), "\(place), seed \(seed): \(other.output)")
        }
        #expect(places.count > 3, "\(places)")
        try await made.server.end()
    }

    @Test("A signed package names its signer; without that person's line under the manifest it does not hold")
    func signed() async throws {
        let made = try await Made("fda-qmsr", signed: true)
        for check in [try await made.verify(made.path), try await made.judge(made.path)] {
            // The closure's and the package's.
            #expect(check.status == 0 && check.output.contains("2 signatures of people"), "\(check.output)")
        }
        let folder = try await made.unzipped()
        let front = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["pdftotext", "-layout", "\(folder.path)/register.pdf", "-"])
        #expect(front.output.contains("K. Sommer, approval of the export"), "\(front.output.prefix(3000))")
        let table = try String(contentsOfFile: folder.path + "/system/accounts.csv", encoding: .utf8)
        #expect(table.contains("2,k.sommer,K. Sommer,quality-engineer,active,"), "\(table)")
        let note = try String(contentsOfFile: folder.path + "/manifest.sig", encoding: .utf8)
        #expect(note.contains("/account/2 "))

        // Made anew without the line: every byte of the archive is in its one form.
        let reader = try PackageReader(path: made.path)
        let bytes = Collected()
        var package = try PackageWriter { bytes.all += $0 }
        while let (name, content) = try reader.next() {
            guard name == "manifest.sig" else {
                try await package.add(name, content)
                continue
            }
            let lines = String(decoding: content, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            let without = lines.filter { !$0.contains("/account/2 ") }.joined(separator: "\n")
            try await package.add(name, Array(without.utf8))
        }
        try await package.finish()
        let other = made.server.folder.path + "/without.zip"
        try Data(bytes.all).write(to: URL(fileURLWithPath: other))
        for check in [try await made.verify(other), try await made.judge(other)] {
            #expect(check.status == 1 && check.output.contains("who signed this package"), "\(check.output)")
        }
        try await made.server.end()
    }

    @Test("The page makes a package, says on the page why not, and asks for a signature where programs need a key")
    func page() async throws {
        let open = try ServerFixture()
        func send(_ server: ServerFixture, _ form: String) async throws -> TestClient.Answer {
            try await server.client.send(
                "POST", "/export", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Data(form.utf8))
        }
        let range = "standard=iso-9001&from=2020-01-01&to=2100-01-01&gap=60&asset=&lot=&class="
        let made = try await send(open, "\(range)&login=&password=&meaning=approval")
        #expect(made.status == 200 && made.headers["content-type"] == "application/zip", "\(made.text.prefix(300))")
        let wrong = try await send(open, "standard=iso-9001&from=yester%3Cday&to=2100-01-01&login=&password=")
        #expect(wrong.status == 400 && wrong.text.contains("role=\"alert\"") && wrong.text.contains("yester&lt;day"))
        let nobody = try await send(open, "\(range)&login=k.sommer&password=some+words+here&meaning=approval")
        #expect(nobody.status == 401 && nobody.text.contains("After 5 wrong passwords"), "\(nobody.text)")
        try await open.end()
        let guarded = try ServerFixture(
            ServerFixture.plant + "server: { apiKey: { env: EXPORT_TEST_KEY } }\n",
            environment: ["EXPORT_TEST_KEY": "0123456789abcdef0123456789abcdef"])
        let refused = try await send(guarded, "\(range)&login=&password=&meaning=approval")
        #expect(refused.status == 422 && refused.text.contains("two components"), "\(refused.status)")
        try await guarded.end()
    }

    @Test("A package that was made again by another key, and one with a file of another package, do not hold")
    func forged() async throws {
        let (one, two) = (try await Made(), try await Made())
        #expect(try await one.verify(two.path).status == 1)
        #expect(try await one.judge(two.path).status == 1)
        try await one.server.end()
        try await two.server.end()
    }

    @Test("In a browser without a network, its page says the same")
    func browser() async throws {
        let made = try await Made("fda-qmsr", signed: true)
        let right = try await BrowserVerdict.of(made.path, keys: made.key)
        #expect(right.contains("VERDICT Right.") && right.contains("2 records (1 complete)"), "\(right.suffix(600))")
        #expect(right.contains("2 signatures of people"), "\(right.suffix(600))")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: made.path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: made.path))
        let wrong = try await BrowserVerdict.of(made.path, keys: made.key)
        #expect(wrong.contains("VERDICT NOT right:"), "\(wrong.suffix(600))")
        try await made.server.end()
    }

    @Test("Before a package is made its witnesses are asked to sign; one that is away leaves an alarm and no gap")
    func witnessed() async throws {
        let log = try ServerFixture()
        let vkey = try #require(try await log.client.get("/api/v1/ledger/keys").json["keys"]?[0]?["key"]?.string)
        let witness = try ServerFixture("\(ServerFixture.plant)ledger: { origin: quality, witnessOf: [\"\(vkey)\"] }\n")
        let cosigner = try #require(try await witness.client.get("/api/v1/ledger/keys").json["witness"]?.string)
        try await log.process.stop()
        // Signed once a minute: what is signed sooner is signed for the package.
        let yaml = """
            \(ServerFixture.plant)ledger:
              checkpointEvery: 60s
              witnesses: [{ key: "\(cosigner)", url: \(witness.process.address)/ledger }]

            """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: log.config))
        let again = try AndonProcess(config: log.config, data: log.data)
        let client = TestClient(again.address)
        let path = log.folder.path + "/witnessed.zip"
        func verified(_ lot: String) async throws -> (status: Int32, output: String) {
            #expect(
                try await client.post("/api/v1/holds", ["lot": .string(lot), "by": "A", "reason": "b"]).status == 201)
            let run = try await AndonProcess.run([
                "export", "--standard", "iso-9001", "--from", "2020-01-01", "--to", "2100-01-01", "--out", path,
                "--server", again.address,
            ])
            #expect(run.status == 0, "\(run.output)")
            return try await AndonProcess.run([
                "ledger", "verify-bundle", path, "--key", vkey, "--witness", cosigner, "--witnesses", "1",
            ])
        }
        let good = try await verified("L-1")
        #expect(good.status == 0 && good.output.contains("witnessed by quality/witness"), "\(good.output)")
        let page = try await BrowserVerdict.of(path, keys: "\(vkey) \(cosigner)")
        #expect(page.contains("Witnessed by quality/witness"), "\(page.suffix(600))")
        try await witness.end()
        // What was signed before is in the package all the same.
        let later = try await verified("L-2")
        #expect(later.status == 0, "\(later.output)")
        #expect(try await client.get("/api/v1/alarms").text.contains("ledger-witness"))
        try await again.stop()
    }

    @Test("What cannot be made says why and leaves nothing behind")
    func refused() async throws {
        let made = try await Made()
        try FileManager.default.removeItem(atPath: made.path)
        for (standard, options, words) in [
            ("iso-1", ["--from", "2026-01-01", "--to", "2026-02-01"], "none of iso-9001"),
            ("as9100", ["--from", "2026-02-01", "--to", "2026-01-01"], "should be before to"),
            ("as9100", ["--from", "soon", "--to", "2026-01-01"], "is a day like"),
            (
                "as9100", ["--from", "2026-01-01", "--to", "2026-02-01", "--server", "http://127.0.0.1:9"],
                "nothing is left"
            ),
        ] {
            let run = try await made.export(standard, options)
            #expect(run.status != 0 && run.output.contains(words), "\(run.output)")
            let left = try FileManager.default.contentsOfDirectory(atPath: made.server.folder.path)
            #expect(!left.contains { $0.hasPrefix("package.zip") }, "\(left)")
        }
        let none = try await made.export("as9100", ["--from", "2020-01-01", "--to", "2020-02-01", "--lot", "L-9"])
        #expect(none.status == 0)
        #expect(try await made.verify(made.path).output.contains("0 records"))
        try await made.server.end()
    }
}
