import AndonModel

/// Object storage for pictures, beside the folder of a data folder (``PictureStore``): what several servers share.
///
/// An object has a name for good, and its bytes never change: whoever writes it twice writes the same.
public protocol PictureObjects: Sendable {
    /// Where it is, for people: no secret is in it.
    var place: String { get }

    /// Keeps the bytes of the file at `path` under the name. They are durable when this returns.
    ///
    /// - Throws: `StoreError`: `.picturesAway` when it cannot be reached or refuses us, `.full` when it has no room.
    func put(_ name: ObjectName, _ picture: Picture, file path: String) async throws

    /// Writes the object's bytes, as many as the picture has, to `sink`.
    ///
    /// - Returns: false when there is no such object.
    func get(_ name: ObjectName, _ picture: Picture, to sink: (_ piece: [UInt8]) throws -> Void) async throws -> Bool

    /// Deletes the object; one that is not there is fine.
    func delete(_ name: ObjectName) async throws

    /// Asks as little as can be, to see whether it is there and takes us.
    func probe() async throws

    /// What is there behind a place in the order of the names; an empty list is the end.
    func list(after place: String) async throws -> [ObjectListing]
}

/// What a picture's object is called: its digest on one of 256 shelves, and its generation where that is not the first.
public struct ObjectName: Sendable, Hashable, CustomStringConvertible {
    public var sha256: String
    public var generation: Int

    public init(sha256: String, generation: Int) {
        self.sha256 = sha256
        self.generation = generation
    }

    public var description: String { "\(sha256.prefix(2))/\(sha256)" + (generation == 0 ? "" : ".\(generation)") }

    /// - Returns: nil for what is no name of ours.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let digest = parts[1].split(separator: ".").first, digest.utf8.count == 64,
            digest.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        let rest = parts[1].dropFirst(65)
        guard let generation = rest.isEmpty ? 0 : Int(rest), generation >= 0 else { return nil }
        self.init(sha256: String(digest), generation: generation)
        guard description == text else { return nil }
    }
}

/// An object as a list has it.
public struct ObjectListing: Sendable, Equatable {
    /// Below the prefix; where the next list goes on.
    public var place: String
    public var bytes: Int
    public var writtenAt: Timestamp?

    public init(place: String, bytes: Int, writtenAt: Timestamp?) {
        self.place = place
        self.bytes = bytes
        self.writtenAt = writtenAt
    }
}
