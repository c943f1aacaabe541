import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation

/// Holds the invariants against what the store, the CMMS and the cameras have.
// Touched on the schedule's thread alone.
final class Judge: @unchecked Sendable {
    private let plan: Plan
    let cmms: MaximoStandIn
    private let database: SimulatedDatabase
    /// Which invariant broke first, and how.
    private(set) var broken: (Run.Invariant, String)?
    private(set) var landmarks: Set<Run.Landmark> = []
    /// Reports that were answered, by number.
    private(set) var answered: Set<Int> = []
    private let reports: [String: Plan.Report]
    private var copies: [String: Int] = [:]
    /// What people in the CMMS have done to orders, by reference.
    var works: [String: Works] = [:]
    /// Orders that were opened again there.
    var reopened: Set<String> = []
    /// Occurrences of orders that have ended here, as they were then.
    var endedWith: [String: Int] = [:]
    /// The ledger as it was seen, entry by entry.
    private var seen = MerkleFrontier()

    init(plan: Plan, cmms: MaximoStandIn, database: SimulatedDatabase) {
        self.plan = plan
        self.cmms = cmms
        self.database = database
        var reports: [String: Plan.Report] = [:]
        for incident in plan.incidents {
            if case .report(let report) = incident.what { reports[report.id] = report }
        }
        self.reports = reports
    }

    func reach(_ landmark: Run.Landmark) { landmarks.insert(landmark) }

    func fail(_ invariant: Run.Invariant, _ detail: String) {
        if broken == nil { broken = (invariant, detail) }
    }

    func check(_ holds: Bool, _ invariant: Run.Invariant, _ detail: @autoclosure () -> String) {
        if !holds { fail(invariant, detail()) }
    }

    /// What the store refuses to be asked is a fault as well.
    func asking(_ store: Store, _ body: (Reader) throws -> Void) {
        do { try database.observed { try store.readNow(body) } } catch {
            fail(.conservation, "the store cannot be read: \(error)")
        }
    }

    // MARK: At each step that changes something

    func answered(_ report: Plan.Report, _ accepted: Accepted) {
        answered.insert(report.number)
        if accepted.isRepeated { reach(.repeated) }
        check(
            accepted.detections.count == report.defects.count, .conservation,
            "\(report.id) has \(report.defects.count) defects, \(accepted.detections.count) were decided on")
    }

    /// The CMMS has done something.
    func written(reference: String?) {
        if let reference {
            if works[reference]?.now == .missing {
                // Made anew: the one that was deleted is not there any more.
                works[reference] = Works(of: works[reference], now: .open)
                copies[reference] = 0
            }
            copies[reference, default: 0] += 1
            check(copies[reference] == 1, .once, "the CMMS has the order \(reference) \(copies[reference] ?? 0) times")
        }
        for record in cmms.records {
            let name = record.fields["externalrefid"]?.string ?? ""
            let files = record.files.map(\.name)
            check(Set(files).count == files.count, .once, "the order \(name) has a file twice: \(files.sorted())")
            let notes = (record.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string }
            check(Set(notes).count == notes.count, .once, "the order \(name) has a note twice: \(notes)")
        }
    }

    /// - Returns: what still waits.
    @discardableResult
    func committed(_ store: Store, _ dispatcher: Dispatcher) -> Int? {
        for standing in dispatcher.standings {
            if standing.breaker == .open { reach(.breakerOpen) }
            if standing.breaker == .halfOpen { reach(.halfOpen) }
        }
        var queued: Int?
        asking(store) { reader in
            let sum = try reader.reconcile()
            queued = sum.queued
            check(sum.holds, .conservation, sum.faults.joined(separator: "; "))
            if sum.dead > 0 { reach(.deadLetter) }
            if sum.grouped > 0 { reach(.grouped) }
            if sum.recorded > 0 { reach(.recorded) }
            try orders(reader)
            try repairs(reader)
            try reportsAreKnown(reader)
            try ledger(reader)
        }
        return queued
    }

    private func orders(_ reader: Reader) throws {
        var known: Set<String> = []
        for row in try reader.rows("SELECT reference, delivery, remote_id FROM work_order") {
            let reference: String = row["reference"]
            known.insert(reference)
            guard row["delivery"] == "acknowledged" as String, works[reference]?.now != .missing else { continue }
            check(
                copies[reference] == 1, .once,
                "\(reference) is acknowledged; the CMMS has it \(copies[reference] ?? 0) times")
            let there = Reference(reference).flatMap { cmms.record($0)?.id }
            let ours: String? = row["remote_id"]
            check(
                there == ours, .once,
                "\(reference) is \(there ?? "nowhere") in the CMMS, and noted as \(ours ?? "nothing")")
        }
        for reference in copies.keys.sorted() {
            check(known.contains(reference), .accepted, "the CMMS has \(reference), which the store does not know")
        }
        let mute = try reader.count(
            """
            SELECT COUNT(*) FROM outbox WHERE state = 'dead' AND (COALESCE(last_error, '') = '' OR NOT EXISTS (
                SELECT 1 FROM alarm a WHERE a.kind = 'dead-letter' AND a.subject = outbox.reference
                AND a.cleared_at IS NULL))
            """)
        check(mute == 0, .conservation, "\(mute) dead letters have no reason or no alarm")
    }

    private func reportsAreKnown(_ reader: Reader) throws {
        for row in try reader.rows("SELECT id FROM inspection ORDER BY seq") {
            let id: String = row["id"]
            check(reports[id] != nil, .once, "the store has the report \(id), which no camera sent")
        }
    }

    /// What is new continues what was there, leaf by leaf, and the head is its root.
    private func ledger(_ reader: Reader) throws {
        for row in try reader.rows("SELECT idx, leaf FROM ledger WHERE idx >= ? ORDER BY idx", [seen.size]) {
            check(row["idx"] == seen.size, .ledger, "entry \(seen.size) is missing")
            seen.append(Array(row["leaf"] as Data))
        }
        guard let head = try reader.row("SELECT size, root FROM ledger_head") else { return }
        check(
            head["size"] == seen.size, .ledger,
            "there were \(seen.size) entries, now the head says \(head["size"] as Int64)")
        check(Array(head["root"] as Data) == seen.root, .ledger, "the head is not the root of the \(seen.size) entries")
    }

    // MARK: After a death, and in the end

    /// What was answered is there, and the ledger is what it was.
    func started(_ store: Store, _ pictures: PictureStore) {
        asking(store) { reader in
            if try reader.count("SELECT COUNT(*) FROM outbox WHERE state IN ('sending', 'searching')") > 0 {
                reach(.takenOver)
            }
            try promised(reader, pictures)
            try ledgerIsOld(reader)
        }
    }

    private func promised(_ reader: Reader, _ pictures: PictureStore) throws {
        for report in reports.values.sorted(by: { $0.number < $1.number }) where answered.contains(report.number) {
            guard let record = try reader.inspection(report.id) else {
                fail(.accepted, "\(report.id) was answered, and is not there")
                continue
            }
            let decided = try reader.detections(of: record).count
            check(decided == report.defects.count, .accepted, "of \(report.id), \(decided) defects are there")
            guard let bytes = report.picture(seed: plan.seed) else { continue }
            guard let picture = try record.picture.flatMap({ try reader.picture($0) }) else {
                fail(.pictures, "\(report.id) has lost its picture's description")
                continue
            }
            let kept = FileManager.default.contents(atPath: pictures.path(of: picture))
            check(
                kept.map { Array($0) } == bytes, .pictures,
                "the picture of \(report.id) is \(kept == nil ? "gone" : "another")")
        }
    }

    private func ledgerIsOld(_ reader: Reader) throws {
        var old = MerkleFrontier()
        for row in try reader.rows("SELECT leaf FROM ledger WHERE idx < ? ORDER BY idx", [seen.size]) {
            old.append(Array(row["leaf"] as Data))
        }
        check(old == seen, .ledger, "the first \(seen.size) entries are not what they were")
        var request = VerificationRequest()
        request.workers = 1
        let found = try reader.verifyLedger(request)
        check(
            found.isWhole, .ledger, "verification finds: \(found.fault.map { "entry \($0.index): \($0.reason)" } ?? "")"
        )
    }

    /// When the faults are over and nothing waits any more.
    func ended(_ store: Store, _ pictures: PictureStore) {
        started(store, pictures)
        asking(store) { reader in
            let facts = try reader.verifyFacts()
            check(facts.isWhole && facts.uncovered.isEmpty, .ledger, "facts: \(facts.faults.map(\.description))")
            try arrived(reader)
            try heard(reader)
            let outcomes = Set(
                try reader.rows("SELECT DISTINCT outcome AS name FROM attempt").map { $0["name"] as String? })
            if outcomes.contains("found") { reach(.adopted) }
            if outcomes.contains("busy") { reach(.busy) }
            if outcomes.contains("unauthorized") { reach(.unauthorized) }
            let again = try reader.count(
                """
                SELECT COUNT(*) FROM attempt a WHERE a.outcome = 'not-found' AND EXISTS (
                    SELECT 1 FROM attempt b WHERE b.outbox_id = a.outbox_id AND b.action = 'send' AND b.id > a.id)
                """)
            if again > 0 { reach(.sentAgain) }
        }
    }

    /// Each order that is acknowledged has its picture and its newest note there.
    private func arrived(_ reader: Reader) throws {
        for row in try reader.rows(
            "SELECT reference FROM work_order WHERE delivery = 'acknowledged' ORDER BY reference")
        {
            guard let reference = Reference(row["reference"]), let order = try reader.order(reference),
                let record = cmms.record(reference)
            else { continue }
            let isDead =
                try reader.count(
                    "SELECT COUNT(*) FROM outbox WHERE reference = ? AND state = 'dead'", [reference.text]) > 0
            if let picture = order.document.picture, !isDead {
                let file = record.files.first { $0.name.contains("-original-") }
                check(
                    file.map { Hex.sha256($0.bytes) } == picture.sha256, .pictures,
                    "the CMMS has not the picture of \(reference)")
                reach(.attached)
            }
            let notes = (record.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string }
            // A note that a person sends again comes behind newer ones; an order that has ended is told of nothing any more.
            let told =
                order.occurrences == 1 || order.state.isEnded
                || notes.contains { $0.contains("\(reference)/\(order.occurrences)]") }
            check(
                told || isDead, .conservation,
                "\(reference) has \(order.occurrences) occurrences, the CMMS was told \(notes)")
            if !notes.isEmpty { reach(.noted) }
        }
    }
}

extension Plan.Report {
    var id: String { "sim-\(number)" }

    func inspection(id: String, at: Duration) -> Inspection {
        Inspection(
            id: id, detectedAt: WallClock.start + at, camera: "CAM-01", asset: asset,
            defects: defects.map { Defect(defectClass: $0, confidence: confidence, severity: .score(0.6)) })
    }

    /// A PNG of one grey pixel, made another by what follows it; nil where there is none.
    func picture(seed: UInt64) -> [UInt8]? {
        guard hasPicture else { return nil }
        return Self.pixel + Array("#\(seed)-\(number)".utf8)
    }

    private static let pixel = Array(
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
            ?? Data())
}
