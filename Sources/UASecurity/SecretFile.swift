import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes a new file with a mode, writes and syncs it, and gives it its name.
///
/// Foundation writes first and sets the mode after; for a private key that is a moment too late.
///
/// - Returns: nil, or why it failed, in the system's words.
func writeExclusively(_ bytes: [UInt8], path: String, mode: mode_t, renamedTo name: String) -> String? {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { return lastError() }
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
            let reason = lastError()
            _ = close(file)
            return reason
        }
        written += count
    }
    let synced = fsync(file) == 0 ? nil : lastError()
    _ = close(file)
    if let synced { return synced }
    return rename(path, name) == 0 ? nil : lastError()
}

private func lastError() -> String { String(cString: strerror(errno)) }
