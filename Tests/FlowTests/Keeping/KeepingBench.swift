import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// Intake, sweeper and free-space guard over a real store and folder, with a clock and a disk that the test owns. There is
/// no CMMS: `deliver` does what the dispatcher would.
final class KeepingBench {
    static let retention = Retention(orders: Retention.year, recorded: Retention.day * 90, good: Retention.day * 30)

    let folder: TemporaryFolder
    let time = TestTime()
    private(set) var store: Store
    private(set) var pictures: PictureStore
    private(set) var sweeper: Sweeper
    private(set) var guardian: SpaceGuard
    /// Bytes of the whole disk; what is free follows from the files that lie in the folder.
    let disk = FakeDisk()

    /// A hundred kilobytes should be free, and a tenth more once a shortage is over.
    static let limit = FreeSpaceLimit(bytes: 100_000, share: 1)

    init() throws {
        folder = try TemporaryFolder("andon-keeping")
        store = try Store(folder: try TestDatabase.folder(folder.path), time: time)
        pictures = try PictureStore(folder: folder.path + "/pictures")
        (sweeper, guardian) = Self.steps(store, pictures, disk)
    }

    private static func steps(_ store: Store, _ pictures: PictureStore, _ disk: FakeDisk) -> (Sweeper, SpaceGuard) {
        // Small pages, so that the walks over several of them are walked.
        let sweeper = Sweeper(store: store, pictures: pictures, retention: retention, page: 7)
        let folder = pictures.folder
        return (
            sweeper,
            SpaceGuard(store: store, sweeper: sweeper, limit: limit, gauge: { disk.space(of: folder) }, page: 7)
        )
    }

    /// Everything that was in memory is lost, and the folder is opened again as the server does.
    func restart() throws {
        try store.close()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: time)
        self.store = store
        pictures = try PictureStore(folder: folder.path + "/pictures")
        try pictures.recover { digest in try store.readNow { try $0.isPictureKept(digest) } }
        (sweeper, guardian) = Self.steps(store, pictures, disk)
    }

    var accept: AcceptStep {
        let force = InForce(
            plant: Plant(name: "test", defaultConnector: "cmms"), rules: OrderByClass(), queues: [:], originTag: nil,
            publicURL: nil, isShortOfSpace: guardian.standing.state == .exhausted)
        return AcceptStep(store: store, random: SystemRandom(), inForce: { force })
    }

    /// A grey pixel with `padding` bytes behind it, told apart by `number`.
    static func png(_ number: Int, padding: Int = 0) -> [UInt8] {
        let pixel =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
        return Array(Data(base64Encoded: pixel) ?? Data()) + Array("\(number)".utf8)
            + [UInt8](repeating: 0x20, count: padding)
    }

    func incoming(_ bytes: [UInt8]) throws -> (IncomingPicture, Picture) {
        let incoming = try pictures.receive(limits: IntakeLimits(), bytesMax: 1 << 20)
        try incoming.feed(bytes)
        return (incoming, try incoming.seal(claimedDigest: nil))
    }

    /// A report through the intake, as the HTTP route has it.
    @discardableResult
    func report(
        _ id: String, _ bytes: [UInt8], defectClass: String?, camera: String = "CAM-01", asset: String = "PRESS-07",
        lot: String? = nil
    ) async throws -> Accepted {
        let (incoming, picture) = try incoming(bytes)
        let lease = try incoming.keep(picture)
        let inspection = Inspection(
            id: id, detectedAt: time.now(), camera: camera, asset: asset, lot: lot,
            defects: defectClass.map { [Defect(defectClass: $0, confidence: 0.9, severity: .score(0.5))] } ?? [])
        do {
            let accepted = try await accept.accept(inspection, picture: picture, hasBytes: lease != nil)
            lease?.end(isKept: accepted.isPictureKept)
            return accepted
        } catch {
            let isKept = try await store.read { try $0.isPictureKept(picture.sha256) }
            lease?.end(isKept: isKept)
            throw error
        }
    }

    /// Carries up to `count` effects to a CMMS that takes everything; a created order has its picture still to come.
    func deliver(_ count: Int) async throws {
        try await store.write { transaction in
            for claim in try transaction.claim(connector: "cmms", limit: count) {
                if claim.row.effect == .create {
                    try transaction.acknowledge(claim.row.reference, Receipt(remoteID: "R-\(claim.row.reference)"))
                    if let sha256 = try transaction.reader.order(claim.row.reference)?.document.picture?.sha256 {
                        try transaction.enqueue(
                            .attach, of: claim.row.reference, connector: "cmms", orderingKey: claim.row.orderingKey,
                            payload: ["role": "original", "sha256": .string(sha256)])
                    }
                }
                try transaction.finish(claim.row)
            }
        }
    }

    func deliverAll() async throws {
        while try await store.read({ try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") }) > 0 {
            try await deliver(50)
            time.advance(by: .seconds(120))
        }
    }

    func set(_ reference: Reference, _ state: OrderState) async throws {
        try await store.write { transaction in
            guard let order = try transaction.reader.order(reference) else { return }
            try transaction.apply(
                RemoteOrder(
                    remoteID: "R-\(reference)", reference: reference, state: state, vendorState: state.rawValue),
                to: order)
        }
    }

    /// Digests of the files on the shelves.
    func files() throws -> Set<String> {
        Set(
            try FakeDisk.files(pictures.folder).map {
                String(($0 as NSString).lastPathComponent.prefix { $0 != "." })
            })
    }

    /// Digests that the tables say are kept.
    func rows() throws -> Set<String> {
        Set(try store.readNow { try $0.keptPictures(after: .start, limit: 100_000) }.map(\.picture.sha256))
    }

    func pending() throws -> Int { try store.readNow { try $0.pendingRemovals(limit: 100_000) }.count }

    func alarms() throws -> [String] { try store.readNow { try $0.alarms().map(\.kind) } }

    func removal(_ sha256: String) throws -> PictureRemoval? {
        try store.readNow { try $0.removal(ofPicture: sha256) }
    }

    func end() throws {
        #expect(try store.readNow { try $0.verifyLedger() }.isWhole)
        let sum = try store.readNow { try $0.reconcile() }
        #expect(sum.holds, "\(sum.text)")
        try store.close()
    }
}

/// A disk whose usable size the test sets.
final class FakeDisk: Sendable {
    private let total = Mutex(1_000_000_000)

    var size: Int { total.withLock { $0 } }

    func resize(_ bytes: Int) {
        total.withLock { $0 = bytes }
    }

    func space(of folder: String) -> DiskSpace? {
        DiskSpace(free: max(0, size - Self.used(folder)), total: 1_000_000_000)
    }

    static func used(_ folder: String) -> Int {
        ((try? files(folder)) ?? []).reduce(0) { sum, path in
            sum + (((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0)
        }
    }

    static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "incoming" }.flatMap { shelf in
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(shelf)").map { "\(folder)/\(shelf)/\($0)" }
        }
    }
}

/// Defects of the class "order" raise one or join the open one; all others are recorded only.
struct OrderByClass: DecisionMaker {
    func factsWanted(for detection: Detection) -> FactsWanted { FactsWanted() }

    func decide(_ detection: Detection, facts: Facts) -> Decision {
        let makesOrder = detection.defect.defectClass == "order"
        return Decision(
            outcome: !makesOrder ? .recorded : facts.openOrder == nil ? .raised : .grouped,
            joins: makesOrder ? facts.openOrder?.reference : nil,
            kind: .corrective, priority: 2, severity: 0.5, severityBand: "major", criticality: "B",
            className: detection.defect.defectClass, classKnown: true, route: Route(target: .backlog),
            reason: "test", rule: "test", rulesVersion: 1)
    }
}
