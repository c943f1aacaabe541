import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A program of our own that is run to its end, beside the server.
///
/// Not Foundation's `Process`: before a child begins, that one lists the files which are open here, and reads 256 bytes of
/// each name where the system wrote fewer. With some 1,400 open connections it now and then reads behind the end of the
/// memory, and the server ends with signal 11. Here the system itself closes what a child should not have
/// (`posix_spawn_file_actions_addclosefrom_np`, glibc 2.34).
struct ChildProgram: Sendable {
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// Where its error output goes; its other streams are empty.
    var errors: String

    struct Ended: Sendable, Equatable {
        /// Exit status, or the signal that ended it.
        var status: Int32
        var bySignal: Bool
    }

    /// It could not be started.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private typealias CloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// Headers show it to few; the library has it since glibc 2.34.
    private static let closeFrom: CloseFrom? = {
        guard let program = dlopen(nil, RTLD_NOW),
            let found = dlsym(program, "posix_spawn_file_actions_addclosefrom_np")
        else { return nil }
        // The declaration of glibc's spawn.h.
        return unsafeBitCast(found, to: CloseFrom.self)
    }()

    /// - Throws: ``Failure``.
    func run() async throws -> Ended {
        let child = try start()
        return await withCheckedContinuation { continuation in
            // A thread of its own: it only waits.
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                continuation.resume(
                    returning: signal == 0
                        ? Ended(status: status >> 8 & 0xFF, bySignal: false) : Ended(status: signal, bySignal: true))
            }
        }
    }

    private func start() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Where the system's library is older, what is open here is closed by its own flag (O_CLOEXEC).
        if let closeFrom = Self.closeFrom { _ = closeFrom(&actions, 3) }

        // The server's own ways with signals are not the child's.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, &attributes, words, variables)
        guard failure == 0 else {
            throw Failure(description: "\(path) cannot be started: \(String(cString: strerror(failure)))")
        }
        return child
    }
}
