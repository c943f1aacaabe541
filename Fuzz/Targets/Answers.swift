import AndonConfiguration
import AndonConnectors
import AndonIntake
import AndonModel
import AndonTesting
import Dispatch
import Foundation
import Synchronization

/// What other systems answer: each connector is asked something, and the input is what comes back.
///
/// The first byte says what is asked. Then follow answers: a byte for the status, one for the headers, two for the
/// body's length, the body. When the input is used up the line is dead.
extension FuzzTarget {
    static let answers =
        ConnectorType.all.map { type in
            FuzzTarget(
                "answers-\(type.name)", shortCount: 200, seeds: { try recorded(type) },
                check: { input in try ask(type, over: AnswerScript(input.dropFirst()), Int(input.first ?? 0)) })
        } + [lotAnswers]

    private static let lotAnswers = FuzzTarget(
        "answers-lot-lookup", shortCount: 500,
        seeds: { [AnswerScript.bytes(.init(status: 200, body: Array(#"{"lot":{"id":"L-1"}}"#.utf8)))] },
        check: { input in
            guard let url = try? Template("http://mes.plant.example/{camera}", names: ["camera"]) else { return }
            let lookup = LotLookup(
                url: url, pointer: "/lot/id", timeout: .seconds(1), wire: AnswerScript(input[...]), time: SystemTime())
            waiting { _ = await lookup.lot(of: Inspection(id: "i", detectedAt: moment, camera: "C"), asset: "A") }
        })

    private static let moment = Timestamp(microseconds: 1_795_000_000_000_000)

    /// The connector with the options of its sample file.
    private static func connector(_ type: ConnectorType) throws -> any Connector {
        let secrets = SecretSource(environment: { _ in "test-key" }, file: { _ in "test-key" })
        guard let entry = entries[type.name] else { throw Finding("\(type.name) has no sample.yaml") }
        return type.make(entry.reader(faults: SettingsFaults(), secrets: secrets))
    }

    private static let entries: [String: ConnectorEntry] = {
        var entries: [String: ConnectorEntry] = [:]
        for sample in (try? Samples.connectors()) ?? [] {
            _ = try? Configuration.load(
                yaml: "plant: { name: P }\n\(sample.text)",
                secrets: SecretSource(environment: { _ in "test-key" }, file: { _ in "test-key" }),
                check: { entry, _ in if entry.type != "desk" { entries[entry.type] = entry } })
        }
        return entries
    }()

    // MARK: Asking

    private static let callCount = 10

    /// Any answer ends in a value or in one of the connector's own errors; nothing is asked without end.
    private static func ask(_ type: ConnectorType, over script: AnswerScript, _ call: Int) throws {
        let connector = try connector(type)
        waiting { await ask(connector, over: script, call) }
        try promise(script.asked <= AnswerScript.exchangesMax, "\(script.asked) requests for one call")
    }

    private static func ask(_ connector: any Connector, over wire: any Wire, _ call: Int) async {
        let order = SampleOrder.make()
        let picture = Picture(
            sha256: String(repeating: "0", count: 64), bytes: 0, mediaType: .jpeg, width: 40, height: 24)
        let attachment = Attachment(reference: order.reference, role: .original, picture: picture)
        do throws(ConnectorError) {
            switch call % callCount {
            case 0: _ = try await connector.perform(.create(order), over: wire)
            case 1: _ = try await connector.find(.create(order), over: wire)
            case 2:
                let first = try await connector.changes(after: nil, over: wire)
                _ = try await connector.changes(after: first.cursor, over: wire)
            case 3: _ = try await connector.read("1", over: wire)
            case 4:
                let first = try await connector.assets(page: nil, over: wire)
                if let next = first.next { _ = try await connector.assets(page: next, over: wire) }
            case 5: _ = try await connector.perform(.attach(attachment, file: "/dev/null", to: "1"), over: wire)
            case 6: _ = try await connector.find(.attach(attachment, file: "/dev/null", to: "1"), over: wire)
            case 7: _ = try await connector.download(attachment, of: "1", over: wire)
            case 8: try await connector.withdraw("1", reason: "r", over: wire)
            default: try await connector.reschedule(SampleOrder.make(scheduledAt: moment), remoteID: "1", over: wire)
            }
        } catch {}
    }

    private static func waiting(_ body: @escaping @Sendable () async -> Void) {
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            await body()
            end.signal()
        }
        end.wait()
    }

    // MARK: Seeds

    /// What the stand-in answers to each call, where there is one; and answers that any system may give.
    private static func recorded(_ type: ConnectorType) throws -> [[UInt8]] {
        let plain = [
            "", "{}", "[]", #"{"value":[{"id":1}],"results":[[{"A":"1"}]]}"#, "<a><b>1</b></a>", "ID,A\r\n1,2\r\n",
        ]
        let body = plain.map { AnswerScript.bytes(WireResponse(status: 200, body: Array($0.utf8))) }
        let general = (0..<callCount).map { call in [UInt8(call)] + body[call % body.count] + body[3] }
        guard let kind = StandInKind.all.first(where: { $0.type == type.name }) else { return general }
        let standIn = kind.make(StandInOptions())
        return try general
            + (0..<callCount).map { call in
                let recording = RecordingScript(DirectWire(standIn))
                let connector = try connector(type)
                waiting { await ask(connector, over: recording, call) }
                return [UInt8(call)] + recording.bytes
            }
    }
}

/// A wire on which an input's bytes are the answers.
final class AnswerScript: Wire {
    static let exchangesMax = 60
    private static let statuses = [200, 201, 204, 207, 250, 301, 400, 401, 403, 404, 409, 412, 422, 429, 500, 503]
    private let state: Mutex<(rest: ArraySlice<UInt8>, asked: Int)>

    init(_ bytes: ArraySlice<UInt8>) { state = Mutex((bytes, 0)) }

    var asked: Int { state.withLock { $0.asked } }

    func now() -> Timestamp { Timestamp(microseconds: 1_795_000_000_000_000) }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let answer = state.withLock { state -> WireResponse? in
            state.asked += 1
            guard state.rest.count >= 4, state.asked < Self.exchangesMax else { return nil }
            let head = Array(state.rest.prefix(4))
            let length = Int(head[2]) << 8 | Int(head[3])
            let body = Array(state.rest.dropFirst(4).prefix(length))
            state.rest = state.rest.dropFirst(4 + length)
            return WireResponse(
                status: Self.statuses[Int(head[0]) % Self.statuses.count], headers: Self.headers(head[1]), body: body)
        }
        guard let answer else { throw .noAnswer("the line is dead") }
        return answer
    }

    /// A bit for each header that some connector reads.
    private static func headers(_ bits: UInt8) -> [WireRequest.Header] {
        let all: [WireRequest.Header] = [
            .init("content-type", "application/json"), .init("x-csrf-token", "t"), .init("set-cookie", "s=1; Path=/"),
            .init("location", "http://cmms.plant.example/x/1"), .init("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            .init("etag", "W/\"1\""), .init("date", "Mon, 23 Nov 2026 21:09:00 GMT"),
            .init("content-type", "multipart/mixed; boundary=b"),
        ]
        return all.indices.filter { bits >> UInt8($0) & 1 == 1 }.map { all[$0] }
    }

    static func bytes(_ answer: WireResponse) -> [UInt8] {
        let body = answer.body.prefix(0xFFFF)
        let status = statuses.firstIndex(of: answer.status) ?? 14
        let names = ["content-type", "x-csrf-token", "set-cookie", "location", "retry-after", "etag", "date"]
        let bits = names.enumerated().reduce(UInt8(0)) { $0 | (answer[$1.element] == nil ? 0 : 1 << UInt8($1.offset)) }
        return [UInt8(status), bits, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }
}

/// Notes the answers of another wire in the form of ``AnswerScript``.
private final class RecordingScript: Wire {
    private let inner: DirectWire
    private let noted = Mutex<[UInt8]>([])

    init(_ inner: DirectWire) { self.inner = inner }

    var bytes: [UInt8] { noted.withLock { $0 } }

    func now() -> Timestamp { Timestamp(microseconds: 1_795_000_000_000_000) }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let answer = try await inner.exchange(request)
        noted.withLock { $0 += AnswerScript.bytes(answer) }
        return answer
    }
}
