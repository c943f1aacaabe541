import AndonLedger
import AndonModel
import Crypto
import Foundation
import Synchronization

/// Sign-ins under way. What must be known when the browser comes back travels with it, sealed in a cookie: who begins
/// sign-ins and never ends them takes no room here. Each is good for ten minutes, for one answer, and until a restart.
public final class PendingSignIns: Sendable {
    public struct Attempt: Sendable, Equatable {
        public var request: AuthorisationRequest
        /// The page of ours that the person wanted.
        public var next: String
        public var endsAt: Timestamp

        public init(_ request: AuthorisationRequest, next: String, endsAt: Timestamp) {
            (self.request, self.next, self.endsAt) = (request, next, endsAt)
        }
    }

    public static let age: Duration = .seconds(600)
    /// Answers of the last ten minutes that are remembered. With more of them nothing further is taken for a while.
    static let usedMax = 10_000
    /// Of a sealed attempt: browsers keep cookies of 4096.
    static let bytesMax = 4000
    /// Of `next`, so that the whole fits.
    public static let nextBytesMax = 1500

    private let key: SymmetricKey
    private let random: any RandomSource
    private let used = Mutex<[String: Timestamp]>([:])
    private static let purpose = Array("andon sign-in by OpenID Connect".utf8)

    public init(_ random: any RandomSource) {
        self.random = random
        key = SymmetricKey(data: random.bytes(32))
    }

    /// - Returns: a cookie's value: letters of base64url.
    public func seal(_ attempt: Attempt) -> String? {
        let request = attempt.request
        let text: JSON = [
            "state": .string(request.state), "nonce": .string(request.nonce), "verifier": .string(request.verifier),
            "next": .string(attempt.next), "endsAt": .time(attempt.endsAt),
        ]
        guard attempt.next.utf8.count <= Self.nextBytesMax,
            let nonce = try? ChaChaPoly.Nonce(data: random.bytes(12)),
            let box = try? ChaChaPoly.seal(
                text.canonicalBytes, using: key, nonce: nonce, authenticating: Self.purpose)
        else { return nil }
        return Base64URL.text(box.combined)
    }

    /// The attempt that an answer belongs to, once: nil for a second answer, a late one, or one to another browser.
    ///
    /// - Parameters:
    ///   - cookie: as the browser sent it.
    ///   - state: as the provider's answer has it.
    public func open(_ cookie: String?, state: String?, at now: Timestamp) -> Attempt? {
        guard let attempt = cookie.flatMap(unsealed), attempt.request.state == state, now < attempt.endsAt else {
            return nil
        }
        let mark = Hex.sha256(Array(attempt.request.state.utf8))
        let isFirst = used.withLock { used in
            if used.count >= Self.usedMax { used = used.filter { now < $0.value } }
            guard used.count < Self.usedMax, used[mark] == nil else { return false }
            used[mark] = attempt.endsAt
            return true
        }
        return isFirst ? attempt : nil
    }

    private func unsealed(_ cookie: String) -> Attempt? {
        guard cookie.utf8.count <= Self.bytesMax, let bytes = Base64URL.bytes(cookie),
            let box = try? ChaChaPoly.SealedBox(combined: bytes),
            let text = try? ChaChaPoly.open(box, using: key, authenticating: Self.purpose),
            let json = try? JSON(parsing: Array(text)), let state = json["state"]?.string,
            let nonce = json["nonce"]?.string, let verifier = json["verifier"]?.string,
            let next = json["next"]?.string, let endsAt = json["endsAt"]?.string.flatMap(Timestamp.init)
        else { return nil }
        return Attempt(
            AuthorisationRequest(state: state, nonce: nonce, verifier: verifier), next: next, endsAt: endsAt)
    }
}
