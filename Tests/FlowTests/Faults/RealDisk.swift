import AndonTesting
import Foundation
import Testing

/// A small ext4 file system of its own, in a file: it can be filled, and it can turn read-only as after an error of the disk.
final class RealDisk: Sendable {
    private let image: String
    let place: String

    /// Whether this process may mount one.
    static func isPossible() async -> Bool {
        guard geteuid() == 0, let folder = try? TemporaryFolder("andon-disk") else { return false }
        guard let disk = try? await RealDisk(at: folder.path + "/disk", mebibytes: 8) else { return false }
        let turns = (try? await disk.turnReadOnly()) != nil
        disk.remove()
        return turns
    }

    init(at place: String, mebibytes: Int) async throws {
        (self.place, image) = (place, place + ".image")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try await Self.run("truncate", "-s", "\(mebibytes)M", image)
        try await Self.run("mkfs.ext4", "-q", "-F", "-m", "0", image)
        try await mount()
    }

    deinit { remove() }

    /// Whoever still has a file of it open keeps it until then.
    func remove() { umount2(place, Int32(MNT_DETACH)) }

    private func mount() async throws {
        try await Self.run("mount", "-o", "loop", image, place)
        try? FileManager.default.removeItem(atPath: place + "/lost+found")
    }

    /// Takes all the room that there is.
    func fill() throws {
        let ballast = open(place + "/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(ballast >= 0)
        defer { close(ballast) }
        for size in [1 << 16, 512] {
            let piece = [UInt8](repeating: 0, count: size)
            while write(ballast, piece, size) > 0 {}
            #expect(errno == ENOSPC)
        }
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: place + "/ballast") }

    /// What the kernel does after an error: from here on nothing is written, whoever has files open.
    func turnReadOnly() async throws { try await Self.run("mount", "-o", "remount,abort", place) }

    /// Once nobody has a file of it open: what its journal has is put back, and it takes writes again.
    func repair() async throws {
        try await Self.run("umount", place)
        // 1: there was something to correct.
        try await Self.run("fsck.ext4", "-fy", image, isFine: 0...1)
        try await mount()
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static func run(_ words: String..., isFine: ClosedRange<Int32> = 0...0) async throws {
        let done = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), words)
        guard isFine.contains(done.status) else {
            throw Failure(description: "\(words.joined(separator: " ")): \(done.output)")
        }
    }
}

/// A control group with a limit of memory (Linux's documentation, cgroup-v1/memory and cgroup-v2).
final class MemoryGroup: Sendable {
    private let path: String

    private static let isFirst = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/memory/cgroup.procs")

    static var isPossible: Bool { (try? MemoryGroup(bytesMax: 1 << 20)) != nil }

    init(bytesMax: Int) throws {
        let root = Self.isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"
        path = "\(root)/andon-\(UUID().uuidString)"
        if !Self.isFirst { try? Self.put("+memory", "\(root)/cgroup.subtree_control") }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        do {
            try Self.put("\(bytesMax)", path + (Self.isFirst ? "/memory.limit_in_bytes" : "/memory.max"))
        } catch {
            rmdir(path)
            throw error
        }
    }

    deinit { rmdir(path) }

    /// What the process takes from here on counts.
    func add(_ process: Int32) throws { try Self.put("\(process)", path + "/cgroup.procs") }

    private static func put(_ text: String, _ path: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
