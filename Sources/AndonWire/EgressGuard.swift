import AndonModel
import Foundation
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Decides which addresses a connection may be opened to.
///
/// A name is resolved here, every address is held against the configured networks, and the connection is then
/// opened to the very address that was checked: a name that answers differently a moment later (DNS rebinding)
/// changes nothing.
public final class EgressGuard: Sendable {
    public typealias Resolver = @Sendable (_ host: String) async throws -> [String]

    private let allows: @Sendable (String) -> Bool
    private let resolve: Resolver
    private let time: any TimeSource
    private let known = Mutex<[String: Known]>([:])

    private struct Known {
        var addresses: [String]
        var at: Duration
    }

    /// How long an answer of the resolver is used without asking again.
    private static let lifetime: Duration = .seconds(30)

    /// `allows` says whether a connection to an address in text may be opened.
    public init(
        time: any TimeSource, resolve: @escaping Resolver = EgressGuard.system,
        allows: @escaping @Sendable (String) -> Bool
    ) {
        self.time = time
        self.resolve = resolve
        self.allows = allows
    }

    /// The addresses of `host` that a connection may be opened to, in the resolver's order; never empty.
    public func addresses(of host: String) async throws(WireError) -> [String] {
        let all = try await resolved(host)
        let allowed = all.filter(allows)
        guard !allowed.isEmpty else {
            let shown = all == [host] ? host : "\(host) (\(all.joined(separator: ", ")))"
            throw .notSent(
                "\(shown) is outside the networks that this server may speak to; if that is meant, "
                    + "add it to network.allowed")
        }
        return allowed
    }

    private func resolved(_ host: String) async throws(WireError) -> [String] {
        if Self.isAddress(host) { return [host] }
        let now = time.uptime()
        let before = known.withLock { $0[host] }
        if let before, now - before.at < Self.lifetime { return before.addresses }
        do {
            let addresses = try await resolve(host)
            guard !addresses.isEmpty else { throw WireError.notSent("the name \(host) has no address") }
            known.withLock { $0[host] = Known(addresses: addresses, at: now) }
            return addresses
        } catch {
            // A name server that is down must not cut off a CMMS whose address was right a minute ago.
            if let before { return before.addresses }
            throw .notSent("the name \(host) has no address: \(Self.words(error))")
        }
    }

    private static func words(_ error: any Error) -> String {
        if case WireError.notSent(let text)? = error as? WireError { return text }
        return "\(error)"
    }

    static func isAddress(_ text: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    /// The system's resolver (`getaddrinfo`), off the cooperative threads because it blocks.
    public static let system: Resolver = { host in
        try await NIOThreadPool.singleton.runIfActive { try lookUp(host) }
    }

    private struct ResolverError: Error, CustomStringConvertible {
        var description: String
    }

    private static func lookUp(_ host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0, let list else { throw ResolverError(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        for entry in sequence(first: list, next: \.pointee.ai_next) {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            guard status == 0 else { continue }
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !found.contains(address) { found.append(address) }
        }
        return found
    }
}
