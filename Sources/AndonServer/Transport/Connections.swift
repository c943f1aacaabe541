import Foundation
import Hummingbird
import HummingbirdCore
import Logging

/// How many connections are held at once. A process that has no file left can neither take a connection nor refuse it, nor open
/// what it keeps reports in; so connections beyond a number wait with the system until others have gone.
enum Connections {
    /// They wait there, and those of a burst as well.
    static let backlog = 1024
    /// More of them need more memory than they are worth.
    private static let filesMax = 16_384
    /// For the database, the log, pictures that are looked at, connections to CMMS, vision systems and sites, and programs.
    private static let filesKept = 256
    private static let least = 64

    /// systemd starts a service with 1,024 files, for programs that cannot count further, and lets it raise that by itself.
    static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, rlim_t(filesMax)) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(filesMax))
        // Where it is refused, the number of connections follows from what there is.
        _ = setrlimit(resource, &limit)
    }

    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }

    /// Files that this process may have open.
    private static var files: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        return Int(min(limit.rlim_cur, rlim_t(filesMax)))
    }

    static func limit(reports: Int, logger: Logger) -> MaximumAvailableConnections {
        MaximumAvailableConnections(most(of: files, reports: reports), logger: logger)
    }

    /// - Parameters:
    ///   - files: that the process may have open.
    ///   - reports: under way at once: each has a picture, and looks at its folder.
    static func most(of files: Int, reports: Int) -> Int { max(least, files - filesKept - 2 * min(reports, files / 8)) }
}
