import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Synchronization
import Testing
import UASecurity

/// A real OPC UA server of another maker (`standin.py`), and Andon's wire to it: certificates on both sides, an encrypted
/// channel, a user with a password. What is lost is lost for real: the stand-in cuts its connections.
final class OPCUABench: Bench {
    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    let standIn: OPCUAStandIn
    private let live: LiveWire
    let form: String

    var takesCopies: Bool { form == "method" }
    var speaksHTTP: Bool { false }

    /// - Parameter options: lines of the connector's section, beside those of the form.
    init(
        _ form: String, options: String = "", standIn settings: [String: any Sendable] = [:]
    ) async throws {
        self.form = form
        standIn = try await OPCUAStandIn(form, settings)
        let time = SystemTime()
        live = LiveWire(
            egress: EgressGuard(time: time, allows: { $0 == "127.0.0.1" }), time: time,
            settings: WireSettings(
                timeout: .seconds(20), opcua: OPCUAApplication(dataFolder: standIn.folder.path)))
        wire = OPCUAFaults(wire: live, faults: faults, standIn: standIn)
        connector = try opcuaConnector(form, standIn.url, options)
    }

    private func ask(_ op: String, _ reference: Reference) -> JSON {
        standIn.ask(["op": .string(op), "id": .string(reference.text)])
    }

    func copies(_ reference: Reference) -> Int { ask("copies", reference).integer ?? -1 }

    func facts(_ reference: Reference) -> JSON {
        guard case .object(let members) = ask("facts", reference) else { return .null }
        return members.without("StartTime", "Planned")
    }

    /// The order as the stand-in has it.
    func order(_ reference: Reference) -> JSON { ask("facts", reference) }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        let facts = ask("facts", reference)
        return (facts["StartTime"]?.string ?? facts["Planned"]?.string).flatMap { Timestamp($0) }
    }

    private func parameters(_ reference: Reference) -> [JSON] {
        ask("facts", reference)["JobOrderParameters"]?.array ?? []
    }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        parameters(reference).compactMap { parameter in
            guard let name = parameter["ID"]?.string, let text = parameter["Value"]?["value"]?["hex"]?.string else {
                return nil
            }
            return (name, bytes(hexadecimal: text))
        }
    }

    func notes(_ reference: Reference) -> [String] {
        parameters(reference).filter { $0["ID"]?.string?.hasPrefix("Note ") == true }.compactMap { note in
            (note["Description"]?[0]?.string ?? "") + "\n" + (note["Value"]?["value"]?.string ?? "")
        }
    }

    func repair(_ reference: Reference) { _ = ask("repair", reference) }
    func cancel(_ reference: Reference) { _ = ask("cancel", reference) }
    func remove(_ reference: Reference) { _ = ask("remove", reference) }

    /// The connection goes with all that was agreed on it.
    func expireSessions() { _ = standIn.ask(["op": "cut"]) }

    func stop() async throws {
        await live.close()
        standIn.stop()
    }
}

private func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
}

/// Reads options as the configuration file would give them.
///
/// - Parameter change: a text of the section, and what stands in its place.
func opcuaConnector(
    _ form: String, _ url: String, _ options: String = "", replacing change: (String, String) = ("", "")
) throws -> any Connector {
    var section = """
        url: \(url)
        user: andon
        password: { env: PASS }
        namespace: urn:standin:mes

        """
    section += (OPCUASections.all[form] ?? "") + options
    if !change.0.isEmpty { section = section.replacing(change.0, with: change.1) }
    let yaml =
        "plant: { name: P }\nconnectors:\n  opcua:\n"
        + section.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") + "\n"
    var made: (any Connector)?
    _ = try Configuration.load(
        yaml: yaml, secrets: testSecrets,
        check: { entry, reader in
            if entry.name == "opcua" { made = OPCUAConnector.make(OPCUAConfiguration(reading: reader)) }
        })
    return try #require(made)
}

enum OPCUASections {
    static let all = ["jobControl": jobControl, "method": method, "variables": variables]

    static let jobControl = """
        form: jobControl
        receiver: /MES/j:JobOrderControl
        responses: /MES/j:JobOrderResults

        """

    static let method = """
        form: method
        create:
          method: /MES/CreateOrder
          arguments:
            Reference: "{reference}"
            Title: "{title}"
            Asset: "{asset}"
            Priority: "{priority}"
            Severity: "{severity}"
            DetectedAt: "{detectedAt}"
            Text: "{text}"
            Planned: "{scheduledAt}"
          outputs: { id: OrderId, result: Result }
        find: { method: /MES/FindOrders, arguments: { Reference: "{reference}" }, outputs: { id: OrderIds } }
        cancel: { method: /MES/CancelOrder, arguments: { OrderId: "{id}", Reason: "{reason}" } }
        reschedule: { method: /MES/MoveOrder, arguments: { OrderId: "{id}", Planned: "{scheduledAt}" } }
        status:
          method: /MES/GetOrder
          arguments: { OrderId: "{id}" }
          outputs:
            state: State
            reference: Reference
            technician: Technician
            labourHours: LabourHours
            partCodes: PartCodes
            partQuantities: PartQuantities
            cause: Cause
            notes: Notes
            closedAt: ClosedAt
        list: { method: /MES/ListOrders, outputs: { id: OrderIds, state: States } }

        """

    static let variables = """
        form: variables
        fields:
          /PLC/Reference: "{reference}"
          /PLC/Title: "{title}"
          /PLC/Asset: "{asset}"
          /PLC/Priority: "{priority}"
          /PLC/Severity: "{severity}"
          nsu=urn:standin:mes;s=Text: "{text}"
        trigger: /PLC/Trigger
        acknowledge: /PLC/Acknowledge
        lastReference: /PLC/LastReference
        id: /PLC/OrderId
        result: /PLC/Result
        counterMax: 4294967295
        lookEvery: 20ms
        list: { variables: { id: /PLC/OrderIds, state: /PLC/OrderStates, reference: /PLC/OrderReferences } }
        status:
          variables:
            technician: nsu=urn:standin:mes;s=Orders.{id}.Technician
            labourHours: nsu=urn:standin:mes;s=Orders.{id}.LabourHours
            partCodes: nsu=urn:standin:mes;s=Orders.{id}.PartCodes
            partQuantities: nsu=urn:standin:mes;s=Orders.{id}.PartQuantities
            cause: nsu=urn:standin:mes;s=Orders.{id}.Cause
            notes: nsu=urn:standin:mes;s=Orders.{id}.Notes
            closedAt: nsu=urn:standin:mes;s=Orders.{id}.ClosedAt

        """
}

/// Tells the stand-in what to do wrong before each request that makes or moves an order.
struct OPCUAFaults: Wire {
    let wire: any Wire
    let faults: FaultPlan
    let standIn: OPCUAStandIn

    func now() -> Timestamp { wire.now() }

    static let names = [
        "CALL StoreAndStart", "CALL Store", "CALL Update", "CALL /MES/CreateOrder", "CALL /MES/MoveOrder",
        "WRITE trigger",
    ]

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        guard Self.names.contains(request.method) else { return try await wire.exchange(request) }
        switch faults.next() {
        case .dropBefore?, .hang?: _ = standIn.ask(["op": "fault", "kind": "dropBefore"])
        case .dropAfter?: _ = standIn.ask(["op": "fault", "kind": "dropAfter"])
        case .answer(let status, _, _)?:
            let kind = [503: "BadResourceUnavailable", 429: "BadTooManyOperations"][status] ?? "BadUnexpectedError"
            _ = standIn.ask(["op": "fault", "kind": .string(kind)])
        case nil: break
        }
        return try await wire.exchange(request)
    }
}

/// The server in a process of its own, which ends with its input.
final class OPCUAStandIn: Sendable {
    let folder: TemporaryFolder
    let url: String
    private let process: Mutex<Running>

    private struct Running: Sendable {
        var process: Process
        var input: FileHandle
        var output: FileHandle
        var kept: [UInt8] = []
    }

    struct Failed: Error { var words: String }

    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    /// The key of this side, made once for all tests.
    private static let own = Task {
        let folder = try TemporaryFolder("andon-opcua-own")
        _ = try await OPCUAApplication(dataFolder: folder.path).load()
        return folder
    }

    /// Makes certificates on both sides and has each trust the other.
    ///
    /// - Parameter settings: `trusts: false` leaves the stand-in's certificate unknown to this side.
    init(_ form: String, _ settings: [String: any Sendable] = [:]) async throws {
        folder = try TemporaryFolder("andon-opcua")
        let port = try freePort()
        url = "opc.tcp://127.0.0.1:\(port)/mes"
        let shared = try await Self.own.value
        try FileManager.default.createDirectory(atPath: folder.path + "/pki", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: shared.path + "/pki/own", toPath: folder.path + "/pki/own")
        let own = try await OPCUAApplication(dataFolder: folder.path).load()
        let theirs = folder.path + "/standin"
        try FileManager.default.createDirectory(atPath: theirs + "/trusted", withIntermediateDirectories: true)
        try Data(own.instance.certificate.der).write(to: URL(fileURLWithPath: theirs + "/trusted/andon.der"))
        var all: [String: Any] = ["form": form, "port": port, "folder": theirs, "user": "andon", "password": "secret"]
        all.merge(settings) { $1 }
        let python = try #require(Self.python)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        let json = String(decoding: try JSONSerialization.data(withJSONObject: all), as: UTF8.self)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("standin.py")
        process.arguments = ["-W", "ignore", "-B", script.path, json]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(
            Running(process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading))
        // A server of asyncua takes seconds to start: no thread that others need may wait for it.
        let isReady = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: self.line() == ["ready": true]) }
        }
        guard isReady else { throw Failed(words: "the stand-in did not start") }
        guard settings["trusts"] as? Bool != false else { return }
        try FileManager.default.copyItem(
            atPath: theirs + "/server.der", toPath: folder.path + "/pki/trusted/certs/standin.der")
    }

    /// The answer of the stand-in to one question; null where it has none.
    func ask(_ question: JSON) -> JSON {
        process.withLock { running in
            try? running.input.write(contentsOf: Data(question.canonicalBytes + [10]))
            let answer = Self.line(&running)
            if let error = answer["error"]?.string { Issue.record("the stand-in: \(error) for \(question)") }
            return answer["answer"] ?? .null
        }
    }

    private func line() -> JSON { process.withLock { Self.line(&$0) } }

    private static func line(_ running: inout Running) -> JSON {
        while true {
            if let end = running.kept.firstIndex(of: 10) {
                defer { running.kept.removeFirst(end + 1) }
                let limits = JSONLimits(
                    bytesMax: 64 << 20, depthMax: 32, valuesMax: 1_000_000, stringBytesMax: 32 << 20)
                return (try? JSON(parsing: Array(running.kept[..<end]), limits: limits)) ?? .null
            }
            let more = running.output.availableData
            guard !more.isEmpty else { return .null }
            running.kept += more
        }
    }

    func stop() {
        process.withLock { running in
            try? running.input.close()
            running.process.terminate()
            running.process.waitUntilExit()
        }
    }
}

extension OPCUAApplication {
    convenience init(dataFolder: String) {
        self.init(
            dataFolder: dataFolder,
            description: ApplicationDescription(
                applicationURI: "urn:test:andon", name: "Andon", hostNames: ["localhost"]))
    }
}
