import AndonModel
import AndonVision

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open folder. Everything is reached from its descriptor by one plain name, and links are not followed, so that nothing
/// outside it is ever read, moved or deleted.
final class FolderHandle: Sendable {
    /// What tells whether a file was changed.
    struct Mark: Sendable, Hashable {
        var size: Int
        /// Of the last change, in nanoseconds since 1970.
        var nanoseconds: Int64
    }

    static let namesMax = 100_000
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws(CaptureError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CaptureError(.unreachable, "the folder \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Whether the path still leads to this very folder.
    var isInPlace: Bool {
        var (own, found) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &found) == 0 && own.st_ino == found.st_ino
            && own.st_dev == found.st_dev
    }

    /// A name that may be a picture: programs write under dot names or NAME.tmp first.
    static func isPicture(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return !name.hasPrefix(".") && [".jpg", ".jpeg", ".png"].contains { lowered.hasSuffix($0) }
    }

    /// The names of pictures, in no order, and not more than `namesMax`.
    func pictures() throws(CaptureError) -> [String] {
        // A descriptor of its own: the place in the list belongs to it.
        let list = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard list >= 0, let stream = fdopendir(list) else { throw failure("cannot be listed") }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < Self.namesMax, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(validating: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, Self.isPicture(name) { names.append(name) }
        }
        return names
    }

    /// Of a plain file; nil for what is not there, a link, or anything else.
    func mark(_ name: String) -> Mark? {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return Self.mark(status)
    }

    private static func mark(_ status: stat) -> Mark? {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        let (seconds, isPast) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return Mark(size: Int(status.st_size), nanoseconds: isPast ? 0 : seconds &+ Int64(time.tv_nsec))
    }

    /// The file's bytes; nil when it has gone or is not as `mark` says, before the reading or after.
    func read(_ name: String, as mark: Mark) throws(CaptureError) -> [UInt8]? {
        // Without O_NONBLOCK the opening of a named pipe would wait for a writer.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ELOOP { return nil }
            throw failure("has a file \"\(name.cut(to: 120).withoutControls)\" that cannot be read", .refused)
        }
        defer { close(file) }
        guard Self.mark(of: file) == mark else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: mark.size) { room, filled in
            while filled < mark.size {
                let count = systemRead(file, room.baseAddress.map { $0 + filled }, mark.size - filled)
                if count < 0, errno == EINTR { continue }
                failed = count < 0
                guard count > 0 else { return }
                filled += count
            }
        }
        if failed {
            throw failure("has a file \"\(name.cut(to: 120).withoutControls)\" that cannot be read", .refused)
        }
        return bytes.count == mark.size && Self.mark(of: file) == mark ? bytes : nil
    }

    private static func mark(of file: Int32) -> Mark? {
        var status = stat()
        return fstat(file, &status) == 0 ? mark(status) : nil
    }

    // MARK: Changing

    /// Throws unless files can be made in the folder.
    func requireWriting() throws(CaptureError) {
        guard faccessat(descriptor, ".", W_OK | X_OK, 0) == 0 else {
            throw failure("cannot be written to, and what was taken is kept track of there", .refused)
        }
    }

    func makeFolder(_ name: String) throws(CaptureError) {
        guard mkdirat(descriptor, name, 0o770) == 0 || errno == EEXIST else {
            throw failure("cannot have a folder \(name)", .refused)
        }
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CaptureError(.refused, "\(path)/\(name) is no folder of its own; move it away")
        }
    }

    /// Into a folder within; a file that is there under the same name stays, and this one gets a longer name.
    func move(_ name: String, into folder: String, _ mark: Mark) throws(CaptureError) {
        let inner = openat(descriptor, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else { throw failure("has no folder \(folder) any more") }
        defer { close(inner) }
        var status = stat()
        let isFree = fstatat(inner, name, &status, AT_SYMLINK_NOFOLLOW) != 0
        let target = isFree ? name : "\(mark.nanoseconds)-\(mark.size)-\(name)"
        guard renameat(descriptor, name, inner, target) == 0 || errno == ENOENT else {
            throw failure("does not let \"\(name.cut(to: 120).withoutControls)\" be moved into \(folder)")
        }
    }

    func delete(_ name: String) throws(CaptureError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw failure("does not let \"\(name.cut(to: 120).withoutControls)\" be deleted")
        }
    }

    /// Adds to a file of the folder, or writes it anew in one step.
    func write(_ bytes: [UInt8], to name: String, isAnew: Bool) throws(CaptureError) {
        let target = isAnew ? "\(name).tmp" : name
        let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (isAnew ? O_TRUNC : O_APPEND)
        let file = openat(descriptor, target, flags, 0o660)
        guard file >= 0 else { throw failure("cannot be written to") }
        defer { close(file) }
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                systemWrite(file, $0.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot be written to") }
            start += count
        }
        guard !isAnew || renameat(descriptor, target, descriptor, name) == 0 else {
            throw failure("cannot be written to")
        }
    }

    private func failure(_ what: String, _ kind: CaptureError.Kind = .broken) -> CaptureError {
        CaptureError(kind, "the folder \(path) \(what): \(String(cString: strerror(errno)))")
    }
}

/// The system's calls under names that a type's own do not hide.
private func systemRead(_ file: Int32, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    read(file, start, count)
}

private func systemWrite(_ file: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, start, count)
}
