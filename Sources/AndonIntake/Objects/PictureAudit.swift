import AndonLedger
import AndonModel
import Foundation

/// Holds what is kept by the tables against what is there: in object storage, or in the folder.
public struct PictureAudit: Sendable {
    /// What did not agree; of each kind at most ``namedMax`` are named.
    public struct Findings: Sendable {
        public var kept = PictureCount()
        /// Still in the folder that was the pictures' before they were in object storage.
        public var waitingToMove = 0
        public var missing: [String] = []
        public var missingCount = 0
        /// Of another length, or, where the bytes were read, with another digest.
        public var altered: [String] = []
        public var alteredCount = 0
        /// Objects that no kept picture has.
        public var orphans: [String] = []
        public var orphanCount = PictureCount()
        /// What is no name of ours.
        public var foreign = 0

        public static let namedMax = 1000

        public var isWhole: Bool { missingCount + alteredCount == 0 }

        mutating func miss(_ name: String) { Self.name(name, &missing, &missingCount) }
        mutating func alter(_ name: String) { Self.name(name, &altered, &alteredCount) }

        private static func name(_ name: String, _ list: inout [String], _ count: inout Int) {
            count += 1
            if list.count < namedMax { list.append(name) }
        }
    }

    private let store: Store
    private let folder: String
    private let objects: (any PictureObjects)?
    private static let page = 1000

    /// - Parameters:
    ///   - folder: of the pictures in the data folder.
    ///   - objects: where they are in object storage.
    public init(store: Store, folder: String, objects: (any PictureObjects)?) {
        (self.store, self.folder, self.objects) = (store, folder, objects)
    }

    /// - Parameter readsBytes: whether all bytes are read and held against their digests, which takes its time.
    public func run(readsBytes: Bool, progress: (_ pictures: Int) -> Void = { _ in }) async throws -> Findings {
        var findings = Findings()
        var listing = Listing(objects: objects)
        try await walk { picture, generation in
            findings.kept.add(picture)
            progress(findings.kept.count)
            let name = ObjectName(sha256: picture.sha256, generation: generation)
            var found = try await listing.find(name) { Self.take($0, &findings) }
            let path = PictureStore.path(in: folder, picture.sha256, picture.mediaType)
            if found == nil, let bytes = Self.length(path) {
                if objects != nil { findings.waitingToMove += 1 }
                if bytes != picture.bytes || (readsBytes && PictureStore.digest(ofFile: path) != picture.sha256) {
                    findings.alter(picture.sha256)
                }
                return
            }
            // What was put since the list was read.
            if found == nil, let objects { found = try await Self.lookAgain(objects, name) }
            guard let found else { return findings.miss(picture.sha256) }
            if found.bytes != picture.bytes {
                findings.alter(picture.sha256)
            } else if readsBytes, let objects, try await !isWhole(objects, name, picture) {
                findings.alter(picture.sha256)
            }
        }
        try await listing.rest { Self.take($0, &findings) }
        return findings
    }

    /// Every kept picture by its digest, with the generation of its object.
    private func walk(_ body: (Picture, Int) async throws -> Void) async throws {
        var place = ""
        while true {
            let after = place
            let page = try await store.read { try $0.keptByDigest(after: after, limit: Self.page) }
            for (picture, generation) in page { try await body(picture, generation) }
            guard page.count == Self.page, let last = page.last else { return }
            place = last.picture.sha256
        }
    }

    private static func take(_ object: ObjectListing, _ findings: inout Findings) {
        guard ObjectName(object.place) != nil else {
            findings.foreign += 1
            return
        }
        findings.orphanCount += PictureCount(count: 1, bytes: object.bytes)
        if findings.orphans.count < Findings.namedMax { findings.orphans.append(object.place) }
    }

    private static func lookAgain(_ objects: any PictureObjects, _ name: ObjectName) async throws -> ObjectListing? {
        // Right behind its shelf's greatest name before it: the list begins with the object itself where it is there.
        let before = "\(name.sha256.prefix(2))/\(name.sha256.dropLast())"
        let next = try await objects.list(after: before).prefix { $0.place.hasPrefix(before) }
        return next.first { $0.place == "\(name)" }
    }

    private func isWhole(_ objects: any PictureObjects, _ name: ObjectName, _ picture: Picture) async throws -> Bool {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: copy) }
        do {
            return try await PictureVault(store: store, objects: objects).fetch(picture, to: copy)
        } catch is Problem {
            return false
        }
    }

    private static func length(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    /// Objects no kept picture has that were there before `edge`: for who removes them.
    ///
    /// - Returns: names whose generation does not count, and digests whose generation counts and that nothing keeps.
    func orphans(before edge: Timestamp) async throws -> [(name: ObjectName, bytes: Int)] {
        var found: [(name: ObjectName, bytes: Int)] = []
        var listing = Listing(objects: objects)
        func take(_ object: ObjectListing) {
            guard let name = ObjectName(object.place), object.writtenAt.map({ $0 < edge }) == true else { return }
            found.append((name, object.bytes))
        }
        try await walk { picture, generation in
            _ = try await listing.find(ObjectName(sha256: picture.sha256, generation: generation), passing: take)
        }
        try await listing.rest(passing: take)
        return found
    }
}

/// A walk over all objects in the order of their names, a page at a time.
private struct Listing {
    let objects: (any PictureObjects)?
    private var page: ArraySlice<ObjectListing> = []
    private var place = ""
    private var isOver = false

    init(objects: (any PictureObjects)?) { self.objects = objects }

    private mutating func next() async throws -> ObjectListing? {
        guard let objects, !isOver else { return nil }
        if page.isEmpty {
            page = try await objects.list(after: place)[...]
            guard let last = page.last else {
                isOver = true
                return nil
            }
            place = last.place
        }
        return page.first
    }

    /// Goes on to this name; what is passed on the way is told.
    mutating func find(_ name: ObjectName, passing tell: (ObjectListing) -> Void) async throws -> ObjectListing? {
        let wanted = name.description
        while let object = try await next(), object.place <= wanted {
            page.removeFirst()
            if object.place == wanted { return object }
            tell(object)
        }
        return nil
    }

    mutating func rest(passing tell: (ObjectListing) -> Void) async throws {
        while let object = try await next() {
            page.removeFirst()
            tell(object)
        }
    }
}

extension PictureVault {
    /// Deletes objects that no kept picture has: of reports that were refused while the object storage was away, or of a
    /// process that ended in between.
    ///
    /// - Parameters:
    ///   - age: younger ones are left alone: their reports may be under way. (They would be put again; it spares that.)
    ///   - isTrial: they are only counted.
    public func removeOrphans(olderThan age: Duration, isTrial: Bool) async throws -> PictureCount {
        let edge = store.time.now() - age
        let orphans = try await PictureAudit(store: store, folder: "", objects: objects).orphans(before: edge)
        var count = PictureCount()
        for batch in orphans.batches(of: Transaction.removalBatchMax) {
            var removed = batch[...]
            if !isTrial {
                let digests = batch.map(\.name.sha256)
                // Of those that nothing keeps the generation ends now; then what does not count can go.
                let current = try await store.write { transaction in
                    try transaction.retireObjects(Array(Set(digests)).sorted())
                    return try digests.map { try transaction.reader.objectGeneration($0) }
                }
                removed = []
                for (orphan, current) in zip(batch, current) where orphan.name.generation < current {
                    try await objects.delete(orphan.name)
                    removed.append(orphan)
                }
            }
            for orphan in removed { count += PictureCount(count: 1, bytes: orphan.bytes) }
        }
        if !isTrial { try await clear() }
        return count
    }
}
