import AndonIntake
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing
import UASecurity

@Suite("OPC UA: what goes wrong", .serialized, .enabled(if: OPCUAStandIn.python != nil, OPCUAStandIn.reason))
struct OPCUAFailureTests {
    private func refusal(
        _ bench: OPCUABench, over wire: (any Wire)? = nil, connector: (any Connector)? = nil,
        _ change: (inout WorkOrder) -> Void = { _ in }
    ) async -> ConnectorError? {
        var order = SampleOrder.make(Reference.fresh().text)
        change(&order)
        return await #expect(throws: ConnectorError.self) {
            try await (connector ?? bench.connector).perform(.create(order), over: wire ?? bench.wire)
        }
    }

    private func calls(_ bench: OPCUABench) -> [String] {
        bench.standIn.ask(["op": "calls"]).array?.compactMap(\.string) ?? []
    }

    @Test("A certificate that nobody trusts yet is named with the command that trusts it, and then it works")
    func untrusted() async throws {
        let bench = try await OPCUABench("method", standIn: ["trusts": false])
        let der = try Data(contentsOf: URL(fileURLWithPath: bench.standIn.folder.path + "/standin/server.der"))
        let thumbprint = try PeerCertificate(der: Array(der)).thumbprintText
        let error = await refusal(bench)
        #expect(error?.name == "unauthorized")
        #expect(error?.detail.contains("andon opcua trust \(thumbprint)") == true, "\(error?.detail ?? "")")
        #expect(calls(bench).isEmpty)
        let pki = URL(fileURLWithPath: bench.standIn.folder.path + "/pki")
        try await TrustList(folder: pki).trust(thumbprint: thumbprint)
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("A wrong password, a security that is not offered and a network that is not allowed are told apart")
    func access() async throws {
        let bench = try await OPCUABench("method", standIn: ["password": "another"])
        let wrong = await refusal(bench)
        #expect(
            wrong?.name == "unauthorized" && wrong?.detail.contains("secret") == false, "\(String(describing: wrong))")
        let plain = await refusal(bench, connector: try opcuaConnector("method", bench.standIn.url, "security: none\n"))
        #expect(plain?.name == "unauthorized", "\(String(describing: plain))")
        #expect(plain?.detail.contains("Basic256Sha256") == true)
        let time = SystemTime()
        let closed = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        let outside = await refusal(bench, over: closed)
        #expect(outside?.name == "unreachable" && outside?.detail.contains("network.allowed") == true)
        await closed.close()
        let nobody = try opcuaConnector("method", "opc.tcp://127.0.0.1:\(try freePort())")
        #expect(await refusal(bench, connector: nobody)?.name == "unreachable")
        #expect(calls(bench).isEmpty)
        try await bench.stop()
    }

    @Test("A person's certificate and key sign in as well, under a policy that is named")
    func person() async throws {
        let bench = try await OPCUABench("method", standIn: ["person": true])
        let folder = try TemporaryFolder()
        let key = try RSAPrivateKey(bits: 2048)
        let person = try ApplicationInstance.make(
            ApplicationDescription(applicationURI: "urn:person", name: "A person"), key: key)
        try Data(person.chain).write(to: URL(fileURLWithPath: folder.path + "/person.der"))
        let isWritten = FileManager.default.createFile(
            atPath: folder.path + "/person.pem", contents: Data(key.pem.utf8), attributes: [.posixPermissions: 0o600])
        try #require(isWritten)
        let options = """
            userCertificate: \(folder.path)/person.der
            userKey: \(folder.path)/person.pem
            security: Basic256Sha256/SignAndEncrypt

            """
        let connector = try opcuaConnector(
            "method", bench.standIn.url, options, replacing: ("user: andon\npassword: { env: PASS }\n", ""))
        let order = SampleOrder.make()
        _ = try await connector.perform(.create(order), over: bench.wire)
        #expect(bench.copies(order.reference) == 1)
        #expect(await refusal(bench)?.name == "unauthorized", "a name and a password are not taken")
        try await bench.stop()
    }

    @Test("What the server does not have, and what does not fit its types, is named before anything is sent")
    func fit() async throws {
        let bench = try await OPCUABench("method")
        let unknown = try opcuaConnector(
            "method", bench.standIn.url, replacing: ("CreateOrder", "MakeOrder"))
        let missing = await refusal(bench, connector: unknown)
        #expect(
            missing?.name == "refused" && missing?.detail.contains("MES/MakeOrder") == true,
            "\(String(describing: missing))")
        let lacking = try opcuaConnector(
            "method", bench.standIn.url, replacing: ("    Title: \"{title}\"\n", ""))
        let argument = await refusal(bench, connector: lacking)
        #expect(argument?.name == "refused")
        #expect(argument?.detail.contains("needs the argument Title; it takes Reference, Title, Asset") == true)
        let named = try opcuaConnector("method", bench.standIn.url, replacing: ("Title: \"", "Headline: \""))
        #expect(await refusal(bench, connector: named)?.detail.contains("no argument Headline") == true)
        let words = try opcuaConnector(
            "method", bench.standIn.url, replacing: ("\"{priority}\"", "\"{assetName}\""))
        #expect(await refusal(bench, connector: words)?.detail.contains("Priority takes a Byte") == true)
        #expect(
            await refusal(bench) { $0.priority = 300 }?.detail.contains("Priority takes a Byte, and \"300\"") == true)
        #expect(calls(bench).isEmpty, "nothing was sent")
        try await bench.stop()
    }

    @Test("A method's own refusal is in words; busy waits; a failure in the middle is looked for")
    func statuses() async throws {
        let bench = try await OPCUABench("method")
        let ghost = await refusal(bench) { $0.place.asset = "GHOST-99" }
        #expect(ghost?.name == "refused" && ghost?.detail.contains("answered 7") == true)
        let cases = [
            ("BadTooManyOperations", "busy"), ("BadInvalidArgument", "refused"),
            ("BadUserAccessDenied", "unauthorized"),
            ("BadUnexpectedError", "answer-lost"), ("BadTimeout", "answer-lost"), ("BadNotImplemented", "refused"),
        ]
        for (status, name) in cases {
            _ = bench.standIn.ask(["op": "fault", "kind": .string(status)])
            #expect(await refusal(bench)?.name == name, "\(status)")
        }
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.copies(order.reference) == 1, "the session goes on")
        try await bench.stop()
    }

    @Test("The transmission log has the address and the kind of request, and neither password nor picture")
    func log() async throws {
        let bench = try await OPCUABench("jobControl", options: "pictures: bytes\n")
        let recording = RecordingWire(bench.wire, time: SystemTime())
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: recording)
        let folder = try TemporaryFolder()
        let bytes = Array("a picture that must not be in the log".utf8)
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/p"))
        let attachment = Attachment(
            reference: order.reference, role: .original,
            picture: Picture(sha256: String(repeating: "a", count: 64), bytes: bytes.count, mediaType: .jpeg))
        _ = try await bench.connector.perform(
            .attach(attachment, file: folder.path + "/p", to: receipt.remoteID), over: recording)
        #expect(bench.files(order.reference).map(\.bytes) == [bytes])
        let log = recording.exchanges.canonicalText
        #expect(log.contains("CALL StoreAndStart") && log.contains("CALL Update") && log.contains(bench.standIn.url))
        #expect(!log.contains("secret") && !log.contains(Data(bytes).base64EncodedString().prefix(20)))
        #expect(recording.status == 200)
        try await bench.stop()
    }

    @Test("A lot is read from a tag")
    func lot() async throws {
        let bench = try await OPCUABench("variables", standIn: ["user": ""])
        func lookup(_ node: String) throws -> LotLookup {
            LotLookup(
                url: try Template("\(bench.standIn.url)?node=\(node)", names: ["unit", "camera", "asset"]),
                pointer: "/results/0/values/0/value", timeout: .seconds(10), wire: bench.wire, time: SystemTime())
        }
        func inspection(_ camera: String) -> Inspection {
            Inspection(
                id: "i", detectedAt: SystemTime().now(), camera: camera, asset: "PRESS-07",
                defects: [Defect(defectClass: "scratch", confidence: 0.9, severity: .score(0.8))])
        }
        let tag = try lookup("nsu=urn:standin:mes;s=Lot.{camera}")
        #expect(await tag.lot(of: inspection("CAM-01"), asset: "PRESS-07") == .found("L-0815"))
        #expect(await tag.lot(of: inspection("CAM-02"), asset: "PRESS-07") == LotLookup.Finding.none)
        guard case .failed(let words) = await tag.lot(of: inspection("CAM-03"), asset: "PRESS-07") else {
            Issue.record("a tag that is not there was read")
            return
        }
        #expect(words.contains("BadNodeIdUnknown"), "\(words)")
        try await bench.stop()
    }
}
