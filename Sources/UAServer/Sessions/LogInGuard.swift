/// Slows down the guessing of passwords: after some failures, an address and a user are refused for a while without
/// being looked at, longer each time.
public struct LogInGuard {
    public struct Limits: Sendable {
        /// Failures of one user from one address before it is locked out.
        public var perUser = 5
        /// Failures from one address, whoever the user.
        public var perAddress = 20
        /// Milliseconds of the first lock-out; each further failure doubles it.
        public var lockTime: Int64 = 10_000
        public var lockTimeMax: Int64 = 900_000
        /// How many addresses and users are remembered.
        public var entries = 2000

        public init() {}
    }

    private struct Entry {
        var failures = 0
        var lockedUntil: Int64 = 0
        var last: Int64 = 0
    }

    private struct Key: Hashable {
        var address: String
        var user: String?
    }

    private let limits: Limits
    private var entries: [Key: Entry] = [:]

    init(_ limits: Limits) { self.limits = limits }

    var count: Int { entries.count }

    func isLocked(address: String, user: String?, now: Int64) -> Bool {
        keys(address, user).contains { (entries[$0]?.lockedUntil ?? 0) > now }
    }

    mutating func failed(address: String, user: String?, now: Int64) {
        for key in keys(address, user) {
            var entry = entries[key] ?? Entry()
            // Failures of long ago are forgiven.
            if now - entry.last > limits.lockTimeMax { entry = Entry() }
            entry.failures += 1
            entry.last = now
            let over = entry.failures - (key.user == nil ? limits.perAddress : limits.perUser)
            if over >= 0 { entry.lockedUntil = now + min(limits.lockTime << Int64(min(over, 20)), limits.lockTimeMax) }
            makeRoom(for: key)
            entries[key] = entry
        }
    }

    mutating func succeeded(address: String, user: String?) {
        entries[Key(address: address, user: user)] = nil
    }

    private func keys(_ address: String, _ user: String?) -> [Key] {
        let everyone = Key(address: address, user: nil)
        return user.map { [everyone, Key(address: address, user: $0)] } ?? [everyone]
    }

    /// The entry that was used longest ago goes.
    private mutating func makeRoom(for key: Key) {
        guard entries[key] == nil, entries.count >= limits.entries else { return }
        if let oldest = entries.min(by: { $0.value.last < $1.value.last })?.key { entries[oldest] = nil }
    }
}
