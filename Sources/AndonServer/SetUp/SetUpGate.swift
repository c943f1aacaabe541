import AndonModel
import Logging

/// Lets the person in who has the link that the set-up printed: its code is good once, for a cookie.
actor SetUpGate {
    static let cookie = "andon_set_up"

    /// 128 random bits. Nil once it was used.
    private var code: String?
    private var token: String?
    private var wrong = 0
    private let time: any TimeSource
    private let random: any RandomSource
    private let logger: Logger

    private static let bytes = 16
    private static let delayMax: Duration = .seconds(30)

    init(time: any TimeSource, random: any RandomSource, logger: Logger) {
        (self.time, self.random, self.logger) = (time, random, logger)
    }

    /// Makes the code of the link.
    func open() -> String {
        let made = random.bytes(Self.bytes).hexadecimal
        code = made
        return made
    }

    /// Takes a code. A wrong one is counted, and waits the longer the more there were.
    ///
    /// - Returns: the cookie's value; nil for a code that is wrong or was used.
    func enter(_ typed: String) async throws -> String? {
        guard let code, Self.equal(typed, code) else {
            wrong += 1
            logger.warning("a wrong code for the set-up", metadata: ["so far": "\(wrong)"])
            try await time.sleep(for: min(Self.delayMax, Duration.milliseconds(250) * (1 << min(wrong - 1, 10))))
            return nil
        }
        self.code = nil
        let made = random.bytes(Self.bytes).hexadecimal
        token = made
        return made
    }

    func isIn(_ shown: String?) -> Bool {
        guard let shown, let token else { return false }
        return Self.equal(shown, token)
    }

    /// In a time that does not depend on where the two differ.
    private static func equal(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
