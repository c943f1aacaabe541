import AndonConfiguration
import AndonDecide
import AndonModel
import AndonWire
import Crypto
import Foundation

/// Walks a connector's whole way against the customer's own system, step by step, each timed, each failure with
/// what to ask the system's administrator for.
///
/// Without a trial nothing is changed there. With one an order marked as a test is made, found, given a picture
/// that is read back and compared, given a note, read, and cancelled.
public struct Commissioning: Sendable {
    public struct Step: Sendable {
        public enum Outcome: String, Sendable {
            case passed
            case failed
            /// The system cannot do it, or an earlier step failed.
            case skipped
        }

        public var name: String
        public var outcome: Outcome
        public var detail: String
        /// What to ask the administrator for; nil where there is nothing to ask.
        public var ask: String?
        public var seconds: Double
    }

    public private(set) var connector: String
    public private(set) var system: String
    public private(set) var startedAt: Timestamp
    public private(set) var steps: [Step] = []

    public var isUsable: Bool { !steps.contains { $0.outcome == .failed } }

    /// - Returns: nil when the configuration has no connector of that name.
    public static func run(
        _ name: String, in configuration: Configuration, trial: Bool, time: any TimeSource, random: any RandomSource
    ) async -> Commissioning? {
        guard let entry = configuration.connectors.first(where: { $0.name == name }) else { return nil }
        guard let connector = Wiring.connector(entry) else {
            var report = Commissioning(connector: name, system: "the built-in desk", startedAt: time.now())
            report.steps = [
                Step(name: "reach", outcome: .passed, detail: "built in: nothing to reach", ask: nil, seconds: 0)
            ]
            return report
        }
        let network = Network(configuration, time: time)
        let wire = network.wire(entry.common)
        var report = Commissioning(connector: name, system: connector.traits.system, startedAt: time.now())
        var walk = CommissioningWalk(
            connector: connector, wire: wire, configuration: configuration, name: name, time: time, random: random)
        report.steps = await walk.reading()
        if trial, report.isUsable { report.steps += await walk.trial() }
        await connector.signOut(over: wire)
        await network.close()
        return report
    }

    /// For a terminal.
    public var text: String {
        var lines = ["Connector \(connector): \(system), \(startedAt)"]
        for step in steps {
            let seconds = String(format: "%.2f s", step.seconds)
            lines.append(
                "  \(step.outcome.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)) \(step.name)  (\(seconds))"
            )
            lines += step.detail.split(separator: "\n").map { "             \($0)" }
            if let ask = step.ask { lines.append("             Ask: \(ask)") }
        }
        lines.append(isUsable ? "Everything that was tried works." : "Not usable yet: see the failed steps.")
        return lines.joined(separator: "\n")
    }

    /// A page to file with the plant's papers: no script, nothing from elsewhere.
    public var html: String {
        let rows = steps.map { step in
            "<tr class=\"\(step.outcome.rawValue)\"><td>\(step.outcome.rawValue)</td><td>\(Self.escaped(step.name))</td>"
                + "<td>\(String(format: "%.2f", step.seconds))</td><td>\(Self.escaped(step.detail))"
                + (step.ask.map { "<br><b>Ask:</b> \(Self.escaped($0))" } ?? "") + "</td></tr>"
        }
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Commissioning of \(Self.escaped(connector))</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}
            td,th{border:1px solid #bbb;padding:.4rem .6rem;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}
            .failed td:first-child{background:#f6c7c4}.passed td:first-child{background:#c9ecd0}</style></head>
            <body><h1>Commissioning of \(Self.escaped(connector))</h1><p>\(Self.escaped(system)), \(startedAt)</p>
            <table><tr><th>Outcome</th><th>Step</th><th>Seconds</th><th>What was seen</th></tr>\(rows.joined())</table>
            <p>\(isUsable ? "Everything that was tried works." : "Not usable yet: see the failed steps.")</p></body></html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

/// The steps themselves.
struct CommissioningWalk {
    let connector: any Connector
    let wire: any Wire
    let configuration: Configuration
    let name: String
    let time: any TimeSource
    let random: any RandomSource

    typealias Step = Commissioning.Step

    // MARK: Without a change there

    func reading() async -> [Step] {
        var steps = [
            await step("reach, sign in, search for a reference that cannot be there") { () throws(ConnectorError) in
                let found = try await connector.find(.create(trialOrder), over: wire)
                guard found.isEmpty else { throw .refused("found \(found.count) records: the search does not search") }
                return "not found, as it should be"
            }
        ]
        guard steps[0].outcome == .passed else { return steps }
        steps.append(
            await step("read changed orders") { () throws(ConnectorError) in
                let changes = try await connector.changes(after: nil, over: wire)
                return "\(changes.orders.count)\(changes.more ? " and more" : "") orders of ours"
            })
        guard connector.traits.hasAssetRegistry else { return steps }
        steps.append(
            await step("read the asset registry") { () throws(ConnectorError) in
                try await registry()
            })
        return steps
    }

    private func registry() async throws(ConnectorError) -> String {
        var ids: Set<String> = []
        var page: String?
        repeat {
            let found = try await connector.assets(page: page, over: wire)
            ids.formUnion(found.assets.map { $0.id.uppercased() })
            page = found.next
        } while page != nil && ids.count < 500_000
        let plant = configuration.plant
        let ours = plant.assets.values.filter { ($0.connector ?? plant.defaultConnector) == name }.map(\.id).sorted()
        let missing = ours.filter { !ids.contains($0.uppercased()) }
        guard !missing.isEmpty else { return "\(ids.count) assets; all \(ours.count) of the plant file are there" }
        return
            "\(ids.count) assets; of the plant file's \(ours.count) these are NOT there: \(missing.joined(separator: ", "))"
    }

    // MARK: With an order marked as a test

    mutating func trial() async -> [Step] {
        let order = trialOrder
        var steps: [Step] = []
        var receipt: Receipt?
        steps.append(
            await step("create an order marked as a test") { () throws(ConnectorError) in
                let made = try await made(order)
                receipt = made
                return "\(made.number ?? made.remoteID), reference \(order.reference)"
            })
        guard let receipt else { return steps }
        steps.append(await search(for: order, receipt))
        steps += await picture(of: order, receipt)
        steps.append(await note(on: order, receipt))
        steps.append(await cancel(receipt))
        return steps
    }

    private func search(for order: WorkOrder, _ receipt: Receipt) async -> Step {
        let name = "find it by our reference"
        guard connector.traits.isSearchable else {
            return Step(
                name: name, outcome: .skipped,
                detail: "this system cannot be asked: see by hand whether \(order.reference) arrived", ask: nil,
                seconds: 0
            )
        }
        return await step(name) { () throws(ConnectorError) in
            let found = try await connector.find(.create(order), over: wire)
            guard found.map(\.remoteID) == [receipt.remoteID] else {
                throw .refused("found \(found.map(\.remoteID)) in place of \(receipt.remoteID)")
            }
            return "found, once"
        }
    }

    /// A system that takes requests in its own time is waited for, two minutes at most.
    private func made(_ order: WorkOrder) async throws(ConnectorError) -> Receipt {
        let end = time.uptime() + .seconds(120)
        do {
            return try await connector.perform(.create(order), over: wire)
        } catch .handedOver(let after, let words) {
            var (after, words) = (after, words)
            while time.uptime() < end, (try? await time.sleep(for: min(after, .seconds(5)))) != nil {
                do throws(ConnectorError) {
                    if let found = try await connector.find(.create(order), over: wire).first { return found }
                } catch .handedOver(let next, let said) {
                    (after, words) = (next, said)
                }
            }
            throw .handedOver(after: after, words)
        }
    }

    private func cancel(_ receipt: Receipt) async -> Step {
        guard connector.traits.cancels else {
            return Step(
                name: "cancel it", outcome: .skipped,
                detail: "this system takes no cancellation: close \(receipt.number ?? receipt.remoteID) there by hand",
                ask: nil, seconds: 0)
        }
        return await step("cancel it") { () throws(ConnectorError) in
            try await connector.withdraw(receipt.remoteID, reason: "trial of the connector", over: wire)
            let state = try await connector.read(receipt.remoteID, over: wire)
            return "its state is now \(state.map { "\($0.state.rawValue) (\($0.vendorState))" } ?? "gone")"
        }
    }

    private func picture(of order: WorkOrder, _ receipt: Receipt) async -> [Step] {
        guard connector.traits.takesAttachments else {
            return [
                Step(
                    name: "attach a picture", outcome: .skipped, detail: "this system takes none", ask: nil, seconds: 0)
            ]
        }
        guard let sample = try? Samples.load().first else { return [] }
        let bytes = Array(sample.picture)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("andon-trial-\(UUID().uuidString).jpg")
        guard (try? sample.picture.write(to: file)) != nil else { return [] }
        defer { try? FileManager.default.removeItem(at: file) }
        let digest = SHA256.hash(data: bytes).hexadecimal
        let attachment = Attachment(
            reference: order.reference, role: .original,
            picture: Picture(sha256: digest, bytes: bytes.count, mediaType: .jpeg))
        let effect = Effect.attach(attachment, file: file.path, to: receipt.remoteID)
        return [
            await step("attach a picture") { () throws(ConnectorError) in
                _ = try await connector.perform(effect, over: wire)
                return "\(attachment.fileName), \(bytes.count) bytes"
            },
            await step("find the picture and read it back") { () throws(ConnectorError) in
                guard try await !connector.find(effect, over: wire).isEmpty else { throw .refused("it is not found") }
                guard let back = try await connector.download(attachment, of: receipt.remoteID, over: wire) else {
                    return "found; this system does not give the bytes back"
                }
                guard back == bytes else { throw .refused("the bytes there are not the ones that were sent") }
                return "the same bytes, SHA-256 \(digest)"
            },
        ]
    }

    private func note(on order: WorkOrder, _ receipt: Receipt) async -> Step {
        guard connector.traits.takesOccurrences else {
            return Step(
                name: "append a note", outcome: .skipped, detail: "this system takes none", ask: nil, seconds: 0)
        }
        let note = Occurrence(
            reference: order.reference, count: 2, added: 1, lastSeenAt: time.now(), worstSeverity: nil, priority: 9,
            timeZone: configuration.plant.timeZone
        ).note
        return await step("append a note and find it") { () throws(ConnectorError) in
            let effect = Effect.append(note, to: receipt.remoteID)
            _ = try await connector.perform(effect, over: wire)
            guard try await !connector.find(effect, over: wire).isEmpty else { throw .refused("it is not found") }
            return note.title
        }
    }

    /// An order that nobody can take for a real one, for the first asset of this connector.
    private var trialOrder: WorkOrder {
        let plant = configuration.plant
        let asset = plant.assets.values.filter { ($0.connector ?? plant.defaultConnector) == name }.map(\.id).min()
        let now = time.now()
        let defect = Defect(defectClass: "andon trial", confidence: 1, severity: .score(0))
        let inspection = Inspection(
            id: "andon-trial", detectedAt: now, camera: "andon-trial", asset: asset, defects: [defect])
        let detection = Detection(
            inspectionID: inspection.id, ordinal: 0, kind: .detection, detectedAt: now, receivedAt: now,
            camera: inspection.camera, defect: defect, place: plant.place(of: inspection))
        var decision = configuration.rules.decide(detection, facts: Facts())
        decision.className = "TEST, please ignore: trial of Andon"
        decision.reason = "Made by andon connector check --trial; it is cancelled at once."
        decision.classCode = nil
        decision.route = Route(target: .backlog)
        return WorkOrder(
            reference: Reference(from: random), detection: detection, decision: decision, inspection: inspection,
            picture: nil, recurrence: .init(), timeZone: plant.timeZone, raisedAt: now,
            originTag: configuration.originTag, link: nil)
    }

    // MARK: One step

    private func step(
        _ name: String, _ body: () async throws(ConnectorError) -> String
    ) async -> Step {
        let start = time.uptime()
        func ended(_ outcome: Step.Outcome, _ detail: String, ask: String? = nil) -> Step {
            Step(name: name, outcome: outcome, detail: detail, ask: ask, seconds: (time.uptime() - start).seconds)
        }
        do throws(ConnectorError) {
            return ended(.passed, try await body())
        } catch {
            return ended(.failed, error.detail, ask: Self.ask(error, step: name))
        }
    }

    /// What a person who runs the other system can mend.
    private static func ask(_ error: ConnectorError, step: String) -> String {
        switch error {
        case .unreachable:
            "Is the address right, is the way through the firewall open from this server, is the certificate one that "
                + "this server trusts (network.trustedCertificates), is the network in network.allowed?"
        case .unauthorized:
            "A key or technical user that is not locked, of the right kind of sign-in, for this very address."
        case .refused:
            "The right for this step (\(step)) for our user, and that every code in the mapping exists there; the words "
                + "above are the system's own."
        case .handedOver:
            "Whether the system's own import is running: the request lies where it takes requests from."
        case .gone: "The right to see what our user has just made: sites, departments or roles may hide it."
        case .busy: "The limit of requests for our user; the words above say when it may be tried again."
        case .answerLost:
            "What stands between us and the system (proxy, load balancer), and its log at this minute: no answer that "
                + "can be trusted came."
        }
    }
}
