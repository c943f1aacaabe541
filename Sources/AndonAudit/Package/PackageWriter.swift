import AndonLedger
import AndonModel

/// Writes a package file by file: bytes go on as they come, and what is kept of each is its name and digest.
public struct PackageWriter {
    /// Takes the archive's bytes in their order.
    public typealias Sink = ([UInt8]) async throws -> Void

    private let sink: Sink
    private var entries: [ZipLayout.Entry] = []
    private var names: Set<String> = []
    private var offset: UInt64 = 0
    /// What the manifest says of each file, in their order.
    private(set) var files: [PackageFile] = []

    public init(to sink: @escaping Sink) { self.sink = sink }

    /// A file of the package.
    ///
    /// - Throws: ``Problem`` where there is one of this name.
    mutating func add(_ name: String, _ bytes: [UInt8]) async throws {
        guard names.insert(name).inserted, name.utf8.count <= 1000 else {
            throw Problem(
                status: 500, type: "package", title: "The package has a fault", detail: "Two files are called \(name).")
        }
        let entry = ZipLayout.Entry(
            name: name, size: UInt64(bytes.count), checksum: Checksum.of(bytes), offset: offset)
        entries.append(entry)
        files.append(PackageFile(name: name, bytes: bytes.count, sha256: Hex.sha256(bytes)))
        try await put(ZipLayout.header(entry))
        try await put(bytes)
    }

    /// The list of contents, after which nothing comes.
    mutating func finish() async throws {
        let start = offset
        for entry in entries { try await put(ZipLayout.listed(entry)) }
        try await put(ZipLayout.end(count: entries.count, start: start, size: offset - start))
    }

    private mutating func put(_ bytes: [UInt8]) async throws {
        offset += UInt64(bytes.count)
        try await sink(bytes)
    }
}

/// A file as the manifest names it.
struct PackageFile: Sendable, Equatable {
    var name: String
    var bytes: Int
    var sha256: String

    var json: JSON { ["name": .string(name), "bytes": .integer(bytes), "sha256": .string(sha256)] }
}
