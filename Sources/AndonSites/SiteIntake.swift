import AndonLedger
import AndonModel
import AndonTransparency
import Logging
import Synchronization

/// Takes what sites forward, each batch and each picture once. It raises no order: a site has its own CMMS.
public struct SiteIntake: Sendable {
    public let store: Store
    public let folder: SitePictureFolder
    public let settings: SitesSettings
    private let logger: Logger

    public init(store: Store, folder: SitePictureFolder, settings: SitesSettings, logger: Logger) {
        self.store = store
        self.folder = folder
        self.settings = settings
        self.logger = logger
    }

    private static let wantedMax = 50

    /// How far a site's ledger came; its beginning for one that is not known yet.
    public func position(ofSite name: String) async throws -> SitePosition {
        try await store.read { reader in
            guard let site = try reader.site(name) else {
                return SitePosition(
                    site: name, history: 1, position: 0, root: MerkleHash.empty, picturesTo: 0, wanted: [])
            }
            return try position(of: site, reader)
        }
    }

    private func position(of site: SiteRecord, _ reader: Reader) throws -> SitePosition {
        let wanted = try reader.wantedPictures(ofSite: site.name, limit: Self.wantedMax)
        return SitePosition(
            site: site.name, history: site.history, position: site.position, root: site.tree.root,
            picturesTo: try reader.picturesComplete(ofSite: site),
            wanted: wanted.map { .init(sha256: $0.sha256, bytes: $0.bytes, have: folder.have(of: $0)) })
    }

    /// Takes a batch.
    ///
    /// - Parameters:
    ///   - name: the site that the address names.
    ///   - machine: who brought it.
    /// - Throws: ``Problem``; `StoreError` where it could not be made durable.
    public func take(_ bytes: [UInt8], ofSite name: String, from machine: String) async throws -> SitePosition {
        let batch = try SiteBatch(parsing: bytes)
        guard batch.site == name else {
            throw Problem(
                status: 422, type: "other-site", title: "The batch is of another site",
                detail: "It says that it is of \(batch.site), and the address says \(name). Set server.upstream.site.",
                errors: [.init(pointer: "/site", detail: "should be \(name)")])
        }
        let keys = settings.keys[name] ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            return try await store.write { transaction in
                let site = try transaction.take(batch, text: text, keys: keys, from: machine)
                return try position(of: site, transaction.reader)
            }
        } catch let refusal as SiteRefusal {
            throw try await refused(refusal, name)
        }
    }

    private func refused(_ refusal: SiteRefusal, _ name: String) async throws -> Problem {
        switch refusal {
        case .otherPosition:
            return Problem(
                status: 409, type: "other-position", title: "The batch does not follow the one before",
                detail: "\(refusal.description.capitalizedFirst). Ask for the position, and send from there.")
        case .forked(let reason):
            try await writeDown(reason, name)
            return Problem(
                status: 409, type: "forked-history", title: "The site's ledger is not the one that came before",
                detail:
                    "\(reason.capitalizedFirst). Nothing was taken. Find out what became of the site's data folder; "
                    + "restore the right one, or let an administrator here begin a new history for the site (/sites).")
        case .untrue(let reason):
            try await writeDown(reason, name)
            return Problem(
                status: 422, type: "untrue-checkpoint", title: "The site's checkpoint does not hold",
                detail:
                    "\(reason.capitalizedFirst). Nothing was taken. Run andon ledger verify at the site; where its key "
                    + "was changed, name the new one in server.sites.ledgers here.")
        }
    }

    private func writeDown(_ reason: String, _ name: String) async throws {
        logger.error("a site is refused", metadata: ["site": "\(name)", "reason": "\(reason)"])
        try await store.write { try $0.refuse(site: name, because: reason) }
    }

    /// Takes a piece of a picture that the site was asked for.
    ///
    /// - Returns: how many of its bytes are here now.
    public func take(
        _ piece: [UInt8], at offset: Int64, of total: Int64, picture sha256: String, ofSite name: String
    ) async throws -> Int64 {
        let found = try await store.read { try $0.sitePicture(sha256, site: name) }
        guard let (picture, state) = found, state != "removed" else {
            throw Problem(
                status: 404, type: "not-wanted", title: "The picture is not wanted",
                detail:
                    "No report of \(name) that is here has the picture \(sha256). Send the batch of its report first.")
        }
        if state == "kept" { return picture.bytes }
        guard total == picture.bytes else {
            throw Problem(
                status: 422, type: "other-size", title: "The picture has another size than was announced",
                detail: "Its report says \(picture.bytes) bytes, and the request says \(total).")
        }
        let (have, isWhole) = try folder.take(piece, at: offset, of: picture)
        if isWhole { try await store.write { try $0.came(picture: sha256) } }
        return have
    }

    // MARK: Watching

    /// Until cancelled: sites that are silent, and pictures that are due.
    public func run() async {
        var nextSweep = store.time.uptime()
        while (try? await store.time.sleep(for: .seconds(10))) != nil {
            do {
                try await watch()
                guard store.time.uptime() >= nextSweep else { continue }
                nextSweep = store.time.uptime() + .seconds(3600)
                try await sweep()
            } catch {
                logger.warning("the sites could not be looked after", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Raises the alarm of each site that has not been heard of for too long. Hearing of it takes the alarm back.
    public func watch() async throws {
        let now = store.time.now()
        let silent = try await store.read { reader in
            try reader.sites().filter { site in
                try now - site.contactAt > settings.alarmAfter && !reader.isUp("site-silent", subject: site.subject)
            }
        }
        guard !silent.isEmpty else { return }
        try await store.write { transaction in
            for site in silent {
                try transaction.alarm(
                    "site-silent", subject: site.subject, "nothing was heard of \(site.name) since \(site.contactAt)")
            }
        }
    }

    /// Removes pictures of sites that are older than is wanted.
    public func sweep() async throws {
        let now = store.time.now()
        folder.removeOldParts(before: now - .seconds(86_400))
        while true {
            let removed = try await store.write { [settings] in
                try $0.removeSitePictures(before: now - settings.picturesFor, limit: 500)
            }
            for picture in removed { folder.remove(picture) }
            guard removed.count == 500 else { return }
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
