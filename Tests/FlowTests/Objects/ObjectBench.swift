import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Synchronization
import Testing

/// A server's way with pictures in object storage: intake, sweeper and reading over a real store, with folders of its own.
final class ObjectBench: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let pictures: PictureStore
    let vault: PictureVault
    let sweeper: Sweeper

    init(_ objects: any PictureObjects, store: Store? = nil, time: any TimeSource = SystemTime()) throws {
        folder = try TemporaryFolder("andon-objects")
        self.store = try store ?? Store(folder: try TestDatabase.folder(folder.path), time: time)
        vault = PictureVault(store: self.store, objects: objects)
        pictures = try PictureStore(
            folder: folder.path + "/picture-copies", vault: vault, former: folder.path + "/pictures")
        sweeper = Sweeper(
            store: self.store, pictures: pictures, retention: KeepingBench.retention, page: 7)
    }

    private static let force = InForce(
        plant: Plant(name: "test", defaultConnector: "cmms"), rules: OrderByClass(), queues: [:], originTag: nil,
        publicURL: nil)

    /// A report through the intake, as the HTTP route has it.
    @discardableResult
    func report(_ id: String, _ bytes: [UInt8], defectClass: String? = "dust") async throws -> Accepted {
        let (lease, picture) = try await begin(bytes)
        return try await end(id, lease, picture, defectClass: defectClass)
    }

    /// Until the picture is durable.
    func begin(_ bytes: [UInt8]) async throws -> (lease: PictureLease?, picture: Picture) {
        let (lease, picture) = try stage(bytes)
        return (try await lease.secured(), picture)
    }

    private func stage(_ bytes: [UInt8]) throws -> (PictureLease, Picture) {
        let incoming = try pictures.receive(limits: IntakeLimits(), bytesMax: 32 << 20)
        try incoming.feed(bytes)
        let picture = try incoming.seal(claimedDigest: nil)
        return (try #require(try incoming.keep(picture)), picture)
    }

    func end(
        _ id: String, _ lease: PictureLease?, _ picture: Picture, defectClass: String? = "dust"
    ) async throws -> Accepted {
        let accept = AcceptStep(store: store, random: SystemRandom(), inForce: { Self.force })
        let inspection = Inspection(
            id: id, detectedAt: store.time.now(), camera: "CAM-01", asset: "PRESS-07",
            defects: defectClass.map { [Defect(defectClass: $0, confidence: 0.9, severity: .score(0.5))] } ?? [])
        do {
            let accepted = try await accept.accept(inspection, picture: picture, hasBytes: lease != nil)
            if accepted.isPictureKept { try await lease?.settle() }
            await lease?.finish(isKept: accepted.isPictureKept)
            return accepted
        } catch {
            let isKept = try await store.read { try $0.isPictureKept(picture.sha256) }
            await lease?.finish(isKept: isKept)
            throw error
        }
    }

    /// Nothing is kept here: what is read next comes from the object storage.
    func forgetCopies() async throws {
        let later = SystemTime().now() + .seconds(200_000)
        try await pictures.trimCopies(to: 0, now: later)
    }

    func audit(readsBytes: Bool = true) async throws -> PictureAudit.Findings {
        try await PictureAudit(store: store, folder: folder.path + "/pictures", objects: vault.objects)
            .run(readsBytes: readsBytes)
    }

    /// What the tables say of a picture.
    func described(_ sha256: String) async throws -> Picture? { try await store.read { try $0.picture(sha256) } }

    func incoming() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: pictures.folder + "/incoming")
    }
}

extension S3Objects {
    /// In a bucket of the real server, below a prefix of the test's own.
    static func test(
        _ server: RealS3, prefix: String, port: Int? = nil, bucket: String = RealS3.bucket, accessKey: String? = nil,
        secretKey: String? = nil, timeout: Duration = .seconds(120), faults: FaultPlan = FaultPlan(),
        time: any TimeSource = SystemTime()
    ) -> S3Objects {
        let place = S3Place(
            endpoint: "http://127.0.0.1:\(port ?? server.port)", bucket: bucket, region: "us-east-1", prefix: prefix,
            accessKey: Secret(accessKey ?? server.accessKey), secretKey: Secret(secretKey ?? server.secretKey),
            timeout: timeout)
        let live = LiveWire(
            egress: EgressGuard(time: SystemTime(), allows: { NetworkSettings().allows($0) }), time: SystemTime(),
            settings: WireSettings(timeout: timeout, answerBytesMax: 256 << 20))
        SharedS3.wires.withLock { $0.append(live) }
        return S3Objects(place, wire: FaultyWire(live, faults: faults, applies: { _ in true }), time: time)
    }
}

/// One server for the tests of this process.
enum SharedS3 {
    static let server = Result { try RealS3() }

    /// Connections end with the process: a wire that is not closed must not be let go.
    static let wires = Mutex<[LiveWire]>([])

    static var isMissing: Bool { RealS3.python == nil }
}
