import AndonLedger
import AndonModel
import Crypto
import Foundation

/// Writes a package file by file: bytes go on as they come. What is kept of each file, its line of the archive's list of
/// contents and its line of the manifest, waits on the disk: a package of any number of records takes the same memory.
public struct PackageWriter {
    /// Takes the archive's bytes in their order.
    public typealias Sink = ([UInt8]) async throws -> Void

    private let sink: Sink
    private let contents: SpillFile
    private let lines: SpillFile
    private var offset: UInt64 = 0
    private(set) var count = 0

    public init(to sink: @escaping Sink) throws {
        self.sink = sink
        (contents, lines) = (try SpillFile(), try SpillFile())
    }

    /// A file of the package. No two may have one name.
    @discardableResult
    public mutating func add(_ name: String, _ bytes: [UInt8]) async throws -> PackageFile {
        let file = PackageFile(name: name, bytes: bytes.count, sha256: Hex.sha256(bytes))
        try await begin(file, checksum: Checksum.of(bytes))
        try await put(bytes)
        return file
    }

    /// The same of what waited on the disk.
    @discardableResult
    public mutating func add(_ name: String, _ spill: SpillFile) async throws -> PackageFile {
        var checksum = Checksum()
        var digest = SHA256()
        try await spill.read { part in
            checksum.add(part)
            digest.update(data: part)
        }
        let file = PackageFile(name: name, bytes: spill.count, sha256: Hex.text(digest.finalize()))
        try await begin(file, checksum: checksum.value)
        offset += UInt64(spill.count)
        try await spill.read(sink)
        return file
    }

    private mutating func begin(_ file: PackageFile, checksum: UInt32) async throws {
        let entry = ZipLayout.Entry(name: file.name, size: UInt64(file.bytes), checksum: checksum, offset: offset)
        try contents.append(ZipLayout.listed(entry))
        if count > 0 { try lines.append(",".utf8) }
        try lines.append(file.json.canonicalBytes)
        count += 1
        try await put(ZipLayout.header(entry))
    }

    /// The manifest with all files so far in its member `files`, as canonical JSON.
    ///
    /// - Parameter other: its other members.
    mutating func addManifest(_ name: String, _ other: [String: JSON]) async throws -> PackageFile {
        let mark = "\"files\":["
        var members = other
        members["files"] = []
        let text = JSON.object(members).canonicalText
        guard let place = text.range(of: mark) else {
            throw Problem(
                status: 500, type: "package", title: "The package has a fault", detail: "The manifest has no files.")
        }
        let whole = try SpillFile()
        try whole.append(text[..<place.upperBound].utf8)
        try await lines.read { try whole.append($0) }
        try whole.append(text[place.upperBound...].utf8)
        return try await add(name, whole)
    }

    /// The list of contents, after which nothing comes.
    public mutating func finish() async throws {
        let start = offset
        try await contents.read(sink)
        try await sink(ZipLayout.end(count: count, start: start, size: UInt64(contents.count)))
    }

    private mutating func put(_ bytes: [UInt8]) async throws {
        offset += UInt64(bytes.count)
        try await sink(bytes)
    }
}

/// A file as the manifest names it.
public struct PackageFile: Sendable, Equatable {
    public var name: String
    public var bytes: Int
    public var sha256: String

    var json: JSON { ["name": .string(name), "bytes": .integer(bytes), "sha256": .string(sha256)] }
}
