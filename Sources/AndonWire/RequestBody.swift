import AndonModel
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A request's body on its way out, which remembers whether anybody asked for its first byte: before that, a
/// server cannot have acted on the request.
struct RequestBody {
    private let begun: Begun?
    let content: HTTPClientRequest.Body?

    private final class Begun: Sendable {
        let value = Mutex(false)
    }

    /// - Parameter permit: asked before each piece leaves: a server that was paused while it connected or sent stops there,
    ///   and a request without its end is none.
    init(_ body: WireRequest.Body, permit: SendPermit? = nil) throws(WireError) {
        let parts: [WireRequest.Part]
        switch body {
        case .none:
            begun = nil
            content = nil
            return
        case .bytes(let bytes): parts = [.bytes(bytes)]
        case .file(let path, let size): parts = [.file(path: path, bytes: size)]
        case .parts(let all): parts = all
        }
        let begun = Begun()
        self.begun = begun
        let sources = Mutex(try parts.map(Source.init))
        let chunks = Chunks(next: {
            try permit?.check()
            begun.value.withLock { $0 = true }
            return try sources.withLock { try Self.next(&$0) }
        })
        content = .stream(chunks, length: .known(Int64(parts.reduce(0) { $0 + $1.count })))
    }

    private enum Source {
        case bytes([UInt8])
        case file(FileHandle, isBase64: Bool)

        init(_ part: WireRequest.Part) throws(WireError) {
            switch part {
            case .bytes(let bytes): self = .bytes(bytes)
            case .file(let path, _): self = .file(try Self.open(path), isBase64: false)
            case .base64(let path, _): self = .file(try Self.open(path), isBase64: true)
            }
        }

        private static func open(_ path: String) throws(WireError) -> FileHandle {
            guard let handle = FileHandle(forReadingAtPath: path) else { throw .notSent("\(path) cannot be read") }
            return handle
        }
    }

    /// The next piece of the first source that has one.
    private static func next(_ sources: inout [Source]) throws -> ByteBuffer? {
        while let source = sources.first {
            switch source {
            case .bytes(let bytes):
                sources.removeFirst()
                if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
            case .file(let handle, let isBase64):
                // A multiple of three: base64 of the pieces is then base64 of the whole.
                if let data = try handle.read(upToCount: 96 << 10), !data.isEmpty {
                    return isBase64 ? ByteBuffer(string: data.base64EncodedString()) : ByteBuffer(bytes: data)
                }
                sources.removeFirst()
            }
        }
        return nil
    }

    private struct Chunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let next: @Sendable () throws -> ByteBuffer?

        func next() async throws -> ByteBuffer? { try next() }
        func makeAsyncIterator() -> Chunks { self }
    }

    func wireError(for error: any Error, from host: String) -> WireError {
        let words = Self.words(error, host: host)
        if let begun { return begun.value.withLock { $0 } ? .noAnswer(words) : .notSent(words) }
        return Self.isBeforeSending(error) ? .notSent(words) : .noAnswer(words)
    }

    private static func isBeforeSending(_ error: any Error) -> Bool {
        if error is NIOConnectionError || error is NIOSSLError || error is NIOSSLExtraError { return true }
        if case ChannelError.connectTimeout? = error as? ChannelError { return true }
        if let system = error as? IOError { return connectCodes.contains(system.errnoCode) }
        let known: [HTTPClientError] = [
            .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost,
        ]
        return (error as? HTTPClientError).map(known.contains) ?? false
    }

    /// Only a connect fails with these.
    private static let connectCodes = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH]

    private static func words(_ error: any Error, host: String) -> String {
        if let refused = error as? NIOConnectionError {
            return "\(host):\(refused.port) takes no connection: "
                + (refused.connectionErrors.first.map { "\($0.error)" } ?? "no address answered")
        }
        if let system = error as? IOError, connectCodes.contains(system.errnoCode) {
            return "\(host) takes no connection: \(String(cString: strerror(system.errnoCode)))"
        }
        if error is NIOTooManyBytesError { return "\(host) sent an answer longer than this server takes" }
        if let client = error as? HTTPClientError {
            switch client {
            case .remoteConnectionClosed: return "\(host) closed the connection before the answer was complete"
            case .connectTimeout: return "\(host) takes no connection in time"
            case .deadlineExceeded, .readTimeout: return "\(host) gave no answer in time"
            default: return "\(host): \(client.shortDescription)"
            }
        }
        if case .notSent(let reason)? = error as? WireError { return reason }
        return "\(host): \(error)"
    }
}

extension TimeAmount {
    init(_ duration: Duration) { self = .microseconds(duration.microseconds) }
}
