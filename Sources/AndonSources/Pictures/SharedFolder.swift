import AndonModel
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder in which a vision system lays its pictures. Nothing outside it is ever read: no `..`, and no link on the way.
struct SharedFolder: Sendable {
    let folder: String
    let time: any TimeSource

    /// How often a file that is not whole yet is looked at.
    private static let lookEvery: Duration = .milliseconds(200)
    private static let stepsMax = 32

    enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The path leads out of the folder, or is no path.
        case outside(String)
        case notThere(String)
        case stillWritten(String)
        case tooLarge(bytesMax: Int)
        case unreadable(String)

        var description: String {
            switch self {
            case .outside(let path): "the path \"\(path.cut(to: 120).withoutControls)\" does not stay within the folder"
            case .notThere(let path): "there is no file \"\(path.cut(to: 120).withoutControls)\" in the folder"
            case .stillWritten(let path): "the file \"\(path.cut(to: 120).withoutControls)\" was still being written"
            case .tooLarge(let bytesMax): "the file has more than \(bytesMax) bytes (intake.pictureBytesMax)"
            case .unreadable(let why): "the file cannot be read: \(why)"
            }
        }
    }

    /// The bytes of a file once it is whole: not empty, and its size and its time the same at two looks that are
    /// `stableFor` apart, and again after it was read.
    ///
    /// - Parameter wait: how long it may take to come, and to become whole.
    func read(_ path: String, stableFor: Duration, wait: Duration, bytesMax: Int) async throws -> [UInt8] {
        let steps = try Self.steps(path)
        let end = time.uptime() + wait
        var failure = Failure.notThere(path)
        var seen: (mark: Mark, since: Duration)?
        while true {
            let now = time.uptime()
            do {
                let mark = try await off { try Self.mark(folder, steps, path) }
                if mark.size == 0 || seen?.mark != mark {
                    seen = (mark, now)
                    failure = .stillWritten(path)
                }
                if let since = seen?.since, mark.size > 0, now - since >= stableFor {
                    if let bytes = try await off({ try Self.bytes(folder, steps, path, mark, bytesMax) }) {
                        return bytes
                    }
                    seen = nil
                }
            } catch let found as Failure {
                switch found {
                case .outside, .tooLarge: throw found
                case .notThere, .stillWritten, .unreadable: failure = found
                }
                seen = nil
            }
            guard now < end else { throw failure }
            try await time.sleep(for: min(Self.lookEvery, max(.milliseconds(1), end - now)))
        }
    }

    private func off<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// The names on the way; a backslash is a slash, as half of all vision systems write it.
    static func steps(_ path: String) throws(Failure) -> [String] {
        let steps = path.split(omittingEmptySubsequences: false) { "/\\".contains($0) }.map(String.init)
        guard (1...stepsMax).contains(steps.count), path.utf8.count <= 4096,
            steps.allSatisfy({ step in
                !["", ".", ".."].contains(step) && step.utf8.count <= 255 && !step.utf8.contains(0)
            })
        else { throw .outside(path) }
        return steps
    }

    /// What tells whether a file was changed.
    struct Mark: Sendable, Equatable {
        var node: UInt64
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        fileprivate init(_ status: stat) {
            node = UInt64(status.st_ino)
            size = Int(status.st_size)
            seconds = Int(status.st_mtim.tv_sec)
            nanoseconds = Int(status.st_mtim.tv_nsec)
        }
    }

    /// Opens step by step and refuses every link.
    private static func open(_ folder: String, _ steps: [String], _ path: String) throws(Failure) -> Int32 {
        var current = SystemFile.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard current >= 0 else { throw .unreadable("the folder \(folder): \(String(cString: strerror(errno)))") }
        for (place, step) in steps.enumerated() {
            let isLast = place == steps.count - 1
            // Without O_NONBLOCK the opening of a named pipe would wait for a writer.
            let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (isLast ? O_NONBLOCK : O_DIRECTORY)
            let next = openat(current, step, flags)
            let code = errno
            close(current)
            guard next >= 0 else {
                switch code {
                case ENOENT: throw .notThere(path)
                case ELOOP: throw .outside(path)
                case ENOTDIR: throw isLast ? .notThere(path) : .outside(path)
                default: throw .unreadable(String(cString: strerror(code)))
                }
            }
            current = next
        }
        return current
    }

    private static func status(_ descriptor: Int32, _ path: String) throws(Failure) -> Mark {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .outside(path) }
        return Mark(status)
    }

    private static func mark(_ folder: String, _ steps: [String], _ path: String) throws(Failure) -> Mark {
        let descriptor = try open(folder, steps, path)
        defer { close(descriptor) }
        return try status(descriptor, path)
    }

    /// - Returns: nil when the file changed while it was read.
    private static func bytes(
        _ folder: String, _ steps: [String], _ path: String, _ mark: Mark, _ bytesMax: Int
    ) throws(Failure) -> [UInt8]? {
        guard mark.size <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        let descriptor = try open(folder, steps, path)
        defer { close(descriptor) }
        guard try status(descriptor, path) == mark else { return nil }
        var bytes = [UInt8](repeating: 0, count: mark.size)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                SystemFile.read(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).baseAddress,
                    buffer.count - filled)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(String(cString: strerror(errno)))
            }
            guard count > 0 else { return nil }
            filled += count
        }
        return try status(descriptor, path) == mark ? bytes : nil
    }
}

/// The system's calls under names that this file's own do not hide.
private enum SystemFile {
    static func open(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, flags)
        #else
            Darwin.open(path, flags)
        #endif
    }

    static func read(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, start, count)
        #else
            Darwin.read(descriptor, start, count)
        #endif
    }
}
