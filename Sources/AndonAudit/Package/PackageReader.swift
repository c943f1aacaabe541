import Foundation

/// What is not as it was made, and where.
public struct PackageFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file in the package, or what comes after it.
    public var file: String
    public var reason: String

    public init(file: String, reason: String) { (self.file, self.reason) = (file, reason) }

    public var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}

/// Reads a package file by file, and holds every byte of the archive against the one form that it has.
public final class PackageReader {
    private let handle: FileHandle
    private let size: UInt64
    private var offset: UInt64 = 0
    private var entries: [ZipLayout.Entry] = []
    private var last: String { entries.last.map { "after \($0.name)" } ?? "at its beginning" }

    /// Of one file in a package: what comes from a plant is far smaller.
    static let fileBytesMax: UInt64 = 4 << 30

    public init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw PackageFault(file: "", reason: "\(path) cannot be opened")
        }
        self.handle = handle
        size = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
    }

    deinit { try? handle.close() }

    private func read(_ count: UInt64) throws -> [UInt8] {
        guard count <= size - offset else { throw PackageFault(file: "", reason: "the archive ends early, \(last)") }
        let bytes = try handle.read(upToCount: Int(count)).map { Array($0) } ?? []
        offset += UInt64(bytes.count)
        guard bytes.count == Int(count) else { throw PackageFault(file: "", reason: "the archive ends early, \(last)") }
        return bytes
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }

    /// The next file; nil behind the last, when all that follows is as it must be.
    /// - Throws: ``PackageFault``.
    public func next() throws -> (name: String, bytes: [UInt8])? {
        let start = offset
        guard size - offset >= 30 else { throw PackageFault(file: "", reason: "the archive ends early, \(last)") }
        let head = try read(30)
        guard Self.number(head, 0, 4) == 0x0403_4B50 else {
            offset = start
            try handle.seek(toOffset: start)
            try checkEnd()
            return nil
        }
        let (nameLength, extraLength) = (Self.number(head, 26, 2), Self.number(head, 28, 2))
        let nameBytes = try read(nameLength)
        let name = String(decoding: nameBytes, as: UTF8.self)
        let extra = try read(extraLength)
        var count = Self.number(head, 22, 4)
        if count == UInt64(UInt32.max), extra.count == 20 { count = Self.number(extra, 4, 8) }
        guard count <= min(size - offset, Self.fileBytesMax) else {
            throw PackageFault(file: name, reason: "the archive ends within it, or its length was altered (\(last))")
        }
        let bytes = try read(count)
        let entry = ZipLayout.Entry(name: name, size: count, checksum: Checksum.of(bytes), offset: start)
        guard ZipLayout.header(entry) == head + nameBytes + extra else {
            throw PackageFault(file: name, reason: "its bytes or its header were altered (\(last))")
        }
        entries.append(entry)
        return (name, bytes)
    }

    private func checkEnd() throws {
        let start = offset
        for entry in entries {
            let line = ZipLayout.listed(entry)
            guard try read(UInt64(line.count)) == line else {
                throw PackageFault(file: entry.name, reason: "its line in the archive's list of contents was altered")
            }
        }
        let end = ZipLayout.end(count: entries.count, start: start, size: offset - start)
        guard size - offset == UInt64(end.count), try read(UInt64(end.count)) == end else {
            throw PackageFault(
                file: "", reason: "the end of the archive was altered, or a file is missing or added (\(last))")
        }
    }
}
