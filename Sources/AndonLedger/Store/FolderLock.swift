import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The right to write a data folder: an advisory lock that the kernel releases when the process ends, however
/// it ends. Servers of one PostgreSQL database may have it together.
public final class FolderLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// - Throws: `StoreError` where another process has it.
    public init(folder: String, isShared: Bool = false) throws {
        let file = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else {
            throw StoreError.unusable("\(folder)/lock cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(file, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            close(file)
            throw StoreError.inUse(folder: folder)
        }
        descriptor = Mutex(file)
    }

    public func release() {
        descriptor.withLock { file in
            guard file >= 0 else { return }
            // A child that is just being started has the file too, until it becomes another program: closing alone would
            // leave the lock with it.
            flock(file, LOCK_UN)
            close(file)
            file = -1
        }
    }

    deinit {
        release()
    }
}
