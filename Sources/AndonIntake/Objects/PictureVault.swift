import AndonLedger
import AndonModel
import Crypto
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Object storage and the tables that say which objects count, together.
///
/// The order of things makes any two processes safe against each other, also one that was paused in between:
/// a report's bytes are put under the generation that counts, then the report is written down, then it is looked whether that
/// generation still counts, and if not the bytes are put under the one that does; only then is the report answered. A removal
/// ends the generation in the transaction that finds the picture unwanted, and deletes its object afterwards.
public struct PictureVault: Sendable {
    public let store: Store
    public let objects: any PictureObjects

    public init(store: Store, objects: any PictureObjects) {
        self.store = store
        self.objects = objects
    }

    /// Puts the bytes where they count.
    ///
    /// - Returns: the generation that they were put under.
    func put(_ picture: Picture, file path: String) async throws -> Int {
        let generation = try await generation(of: picture)
        try await objects.put(ObjectName(sha256: picture.sha256, generation: generation), picture, file: path)
        return generation
    }

    /// Makes sure that a report which is written down has its bytes where they count. What was removed since needs none.
    func settle(_ picture: Picture, generation: Int, file path: String) async throws {
        var put = generation
        while case let current = try await wanted(picture), let current, current != put {
            put = try await self.put(picture, file: path)
        }
    }

    /// The generation that counts; nil where the picture is not kept.
    private func wanted(_ picture: Picture) async throws -> Int? {
        try await store.read { reader in
            try reader.isPictureKept(picture.sha256) ? try reader.objectGeneration(picture.sha256) : nil
        }
    }

    private func generation(of picture: Picture) async throws -> Int {
        try await store.read { try $0.objectGeneration(picture.sha256) }
    }

    /// Deletes the object of a picture that nothing keeps.
    func discard(_ sha256: String) async throws {
        try await store.write { try $0.retireObjects([sha256]) }
        try await clear()
    }

    /// Deletes everything that was retired. What cannot be deleted now waits for the next time.
    public func clear() async throws {
        var place = ""
        while true {
            let (after, limit) = (place, Transaction.removalBatchMax)
            let retired = try await store.read { try $0.retiredObjects(after: after, limit: limit) }
            for object in retired {
                for generation in object.generations {
                    try await objects.delete(ObjectName(sha256: object.sha256, generation: generation))
                }
            }
            if !retired.isEmpty { try await store.write { try $0.cleared(retired) } }
            guard retired.count == limit, let last = retired.last else { return }
            place = last.sha256
        }
    }

    /// Writes the picture's bytes to a new file, and looks whether they are the picture's.
    ///
    /// - Returns: false when the object is not there.
    /// - Throws: ``Problem`` when it is another than it was.
    func fetch(_ picture: Picture, to path: String) async throws -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw StoreError.disk("a file for the picture cannot be made") }
        defer { close(descriptor) }
        var hash = SHA256()
        var count = 0
        let name = ObjectName(sha256: picture.sha256, generation: try await generation(of: picture))
        let isThere = try await objects.get(name, picture) { piece in
            hash.update(data: piece)
            count += piece.count
            try Self.append(piece, to: descriptor)
        }
        guard isThere else { return false }
        guard count == picture.bytes, Hex.text(hash.finalize()) == picture.sha256 else {
            throw Problem(
                status: 502, type: "picture-altered", title: "The picture is not what it was",
                detail:
                    "\(objects.place)\(name) has bytes with another SHA-256 than its name. Put the original back from a copy of the bucket; its digest is its name."
            )
        }
        return true
    }

    private static func append(_ piece: [UInt8], to descriptor: Int32) throws {
        try piece.withUnsafeBytes { raw in
            var rest = raw
            while !rest.isEmpty {
                let written = write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written >= 0 else { throw StoreError.disk("the picture cannot be written") }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
