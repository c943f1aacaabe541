import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import AndonWire

/// Where the pictures of this server are.
extension Server {
    /// - Throws: where the store's pictures are in object storage that nobody names any more.
    static func pictures(_ store: Store, _ objects: (any PictureObjects)?) async throws -> PictureStore {
        let noted = try await store.read { try $0.picturePlace() }
        guard let objects else {
            guard let noted else {
                let isKept: @Sendable (String) throws -> Bool = { sha256 in
                    try store.readNow { try $0.isPictureKept(sha256) }
                }
                return try PictureStore(
                    folder: store.folder + "/pictures", sharedBy: store.isShared ? isKept : nil)
            }
            throw StoreError.unusable(
                "its pictures are in object storage (\(noted)); name that in the configuration (server.pictures)")
        }
        if noted != objects.place { try await store.write { try $0.setPicturePlace(objects.place) } }
        let (vault, former) = (PictureVault(store: store, objects: objects), store.folder + "/pictures")
        return store.isShared
            ? try PictureStore(copiesIn: store.folder, vault: vault, former: former)
            : try PictureStore(folder: store.folder + "/picture-copies", vault: vault, former: former)
    }

    /// Nil where pictures are in the data folder.
    func objectKeeping(_ settings: Configuration) -> ObjectKeeping? {
        guard let vault = pictures.vault else { return nil }
        return ObjectKeeping(
            store: store, vault: vault, pictures: pictures, space: keeping.space,
            copiesBytes: settings.server.pictures?.copiesBytes ?? 0, logger: logger)
    }
}

extension Wiring {
    /// Object storage as the configuration has it; nil for the data folder.
    ///
    /// - Throws: where it is at an address that is not allowed.
    static func objects(_ configuration: Configuration, _ network: Network) async throws -> (any PictureObjects)? {
        guard let settings = configuration.server.pictures else { return nil }
        let place = S3Place(
            endpoint: settings.s3, bucket: settings.bucket, region: settings.region, prefix: settings.prefix,
            accessKey: settings.accessKey, secretKey: settings.secretKey, timeout: settings.timeout)
        _ = try await network.address(of: place.hostName)
        return S3Objects(place, wire: network.objectWire(timeout: settings.timeout), time: network.time)
    }

    /// Holds the tables of a data folder against its pictures, wherever they are. Nothing is changed.
    ///
    /// - Parameter readsBytes: whether all bytes are read.
    public static func auditPictures(
        _ configuration: Configuration, store: Store, readsBytes: Bool, time: any TimeSource,
        progress: @escaping (_ pictures: Int64, _ total: Int64) -> Void
    ) async throws -> PictureVerdict {
        let total = Int64(try await store.read { try $0.pictureTotals().kept })
        let network = Network(configuration, time: time)
        do {
            let audit = PictureAudit(
                store: store, folder: store.folder + "/pictures", objects: try await objects(configuration, network))
            let findings = try await audit.run(readsBytes: readsBytes) { progress(Int64($0), total) }
            await network.close()
            return PictureVerdict(findings, readsBytes: readsBytes)
        } catch {
            await network.close()
            throw error
        }
    }
}
