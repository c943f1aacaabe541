#if canImport(Glibc)
    import Glibc
#endif

/// Starts a program with nothing of this process open in it but what it is given.
///
/// Not Foundation's `Process`: before a child begins, that one lists the files which are open here, and reads 256 bytes of
/// each name where the system wrote fewer. With some 1,400 open connections it now and then reads behind the end of the
/// memory, and the server ends with signal 11. Here the system itself closes what a child should not have
/// (`posix_spawn_file_actions_addclosefrom_np`, glibc 2.34).
public struct ChildStart: Sendable {
    /// Where a stream of the child goes.
    public enum Outlet: Sendable {
        case nowhere
        /// A file that is made, or emptied, for it.
        case file(String)
        /// An open descriptor of this process, which stays open here.
        case descriptor(Int32)
    }

    public var path: String
    public var arguments: [String]
    public var environment: [String: String]
    public var output: Outlet
    public var errors: Outlet
    /// In a group of its own, so that it is ended together with what it starts.
    public var leadsGroup: Bool
    /// How far it stands back where the processor is wanted by others, 0 to 19 (POSIX `nice`).
    public var niceness: Int32

    public init(
        path: String, arguments: [String], environment: [String: String], output: Outlet = .nowhere,
        errors: Outlet = .nowhere, leadsGroup: Bool = false, niceness: Int32 = 0
    ) {
        (self.path, self.arguments, self.environment) = (path, arguments, environment)
        (self.output, self.errors) = (output, errors)
        (self.leadsGroup, self.niceness) = (leadsGroup, niceness)
    }

    /// It could not be started.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
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

    /// - Returns: the child's number, for `ChildEnd.wait`.
    public func start() throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        Self.open(output, as: 1, &actions)
        Self.open(errors, as: 2, &actions)
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
        posix_spawnattr_setpgroup(&attributes, 0)
        let group = leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, &attributes, words, variables)
        guard failure == 0 else {
            throw Failure(description: "\(path) cannot be started: \(String(cString: strerror(failure)))")
        }
        // From here and not by the child itself: half of what it does is done before its own first line. One that has ended
        // already is not there to stand back.
        if niceness > 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(child), niceness) }
        return child
    }

    private static func open(_ outlet: Outlet, as number: Int32, _ actions: inout posix_spawn_file_actions_t) {
        switch outlet {
        case .nowhere: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, number, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        case .descriptor(let own): posix_spawn_file_actions_adddup2(&actions, own, number)
        }
    }
}

/// How a child ended.
public struct ChildEnd: Sendable, Equatable {
    /// Exit status, or the signal that ended it.
    public var status: Int32
    public var bySignal: Bool

    /// Waits for a child of this process, on the thread that asks.
    public static func wait(for child: pid_t) -> ChildEnd {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0
            ? ChildEnd(status: status >> 8 & 0xFF, bySignal: false) : ChildEnd(status: signal, bySignal: true)
    }
}
