import AndonModel
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A message to a mail relay as an exchange (RFC 5321): `SEND smtp://relay:25`, or `smtps://relay:465` (RFC 8314).
/// `GREET` goes as far as the sign-in and sends nothing.
///
/// Headers `from` and `to` are the envelope, `to` with commas between addresses; `user` and `password` sign in;
/// `security: none` sends over `smtp` without TLS, else STARTTLS (RFC 3207) must be offered. The body is the message,
/// with CR LF; a part in base64 is broken into lines of 76 characters (RFC 2045 section 6.8).
///
/// The status is the relay's reply code, 250 when it took the message, and the body is the reply's text. A failure
/// before the message's last line is `.notSent`: the relay must then forget what came (RFC 5321 section 4.1.1.4).
struct MailWire {
    let request: WireRequest
    let host: String
    let port: Int
    let settings: WireSettings

    static let schemes: Set<String> = ["smtp", "smtps"]
    /// Bytes of a message that is held in memory.
    static let bytesMax = 64 << 20

    private var limit: Duration { request.timeout ?? settings.timeout }

    private final class Progress: Sendable {
        let isHandedOver = Mutex(false)
        /// What went wrong below the conversation, such as a certificate that nobody here vouches for: the
        /// conversation itself sees a closed connection only.
        let trouble = Mutex<(any Error)?>(nil)
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let progress: Progress

        init(_ progress: Progress) { self.progress = progress }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            progress.trouble.withLock { $0 = $0 ?? error }
            context.fireErrorCaught(error)
        }
    }

    func exchange(at address: String) async throws(WireError) -> WireResponse {
        let progress = Progress()
        let message = try message()
        let tls: NIOSSLContext
        do {
            tls = try NIOSSLContext(configuration: try settings.tls())
        } catch let error as WireError {
            throw error
        } catch {
            throw .notSent("TLS cannot be set up: \(error)")
        }
        do {
            return try await withThrowingTaskGroup(of: WireResponse.self) { group in
                group.addTask { try await carry(message, to: address, tls, progress) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw MailError("no answer within \(Quantity.text(limit))")
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw MailError("no answer") }
                return first
            }
        } catch {
            let trouble = progress.trouble.withLock { $0 } ?? error
            let words = "\(host):\(port): \((trouble as? MailError)?.words ?? "\(trouble)")"
            throw progress.isHandedOver.withLock { $0 } ? .noAnswer(words) : .notSent(words)
        }
    }

    // MARK: The message

    private func message() throws(WireError) -> [UInt8] {
        var message: [UInt8] = []
        switch request.body {
        case .none: break
        case .bytes(let bytes): message = bytes
        case .file(let path, _): message = try Self.read(path)
        case .parts(let parts):
            for part in parts {
                switch part {
                case .bytes(let bytes): message += bytes
                case .file(let path, _): message += try Self.read(path)
                case .base64(let path, _):
                    let options: Data.Base64EncodingOptions = [
                        .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
                    ]
                    message += Data(try Self.read(path)).base64EncodedData(options: options)
                }
            }
        }
        guard message.count <= Self.bytesMax else { throw .notSent("a message of \(message.count) bytes is too long") }
        return Self.transparent(message)
    }

    private static func read(_ path: String) throws(WireError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .notSent("\(path) cannot be read") }
        return Array(data)
    }

    /// A line that begins with a dot gets another, and the end is a line with one (RFC 5321 section 4.5.2). Every line
    /// ends with CR LF, which is never sent apart (section 2.3.8): relays that read a lone one as an end could be made
    /// to see a second message.
    static func transparent(_ message: [UInt8]) -> [UInt8] {
        let (dot, newline, carriage) = (UInt8(ascii: "."), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var result: [UInt8] = []
        result.reserveCapacity(message.count + 16)
        var begins = true
        var last: UInt8 = 0
        for byte in message {
            if byte == newline, last == carriage {
                last = byte
                continue
            }
            if byte == newline || byte == carriage {
                result += [carriage, newline]
                begins = true
            } else {
                if begins, byte == dot { result.append(dot) }
                result.append(byte)
                begins = false
            }
            last = byte
        }
        return result + (begins ? [] : [carriage, newline]) + [dot, carriage, newline]
    }

    // MARK: The conversation

    private func carry(
        _ message: [UInt8], to address: String, _ tls: NIOSSLContext, _ progress: Progress
    ) async throws -> WireResponse {
        let isImplicit = request.url.hasPrefix("smtps:")
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(settings.connectTimeout))
            .connect(host: address, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isImplicit { try channel.pipeline.syncOperations.addHandler(try handler(tls)) }
                    try channel.pipeline.syncOperations.addHandler(Listener(progress))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var talk = MailTalk(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            do {
                try await talk.expect(220, "the greeting")
                var offers = try await hello(&talk)
                if !isImplicit, self["security"] != "none" {
                    guard offers.contains("STARTTLS") else {
                        throw MailError("the relay offers no STARTTLS; mailSecurity: none sends without TLS")
                    }
                    try await talk.say("STARTTLS", expecting: 220)
                    // What came behind the answer came without TLS (CVE-2011-0411).
                    guard talk.isDrained else { throw MailError("the relay spoke on before TLS had begun") }
                    let pipeline = channel.channel.pipeline
                    try await channel.channel.eventLoop.submit {
                        try pipeline.syncOperations.addHandler(try handler(tls), position: .first)
                    }.get()
                    offers = try await hello(&talk)
                }
                try await signIn(&talk, offers)
                if request.method == "GREET" {
                    try await talk.say("QUIT", expecting: 221)
                    return WireResponse(status: 250)
                }
                try await talk.say("MAIL FROM:<\(self["from"] ?? "")>", expecting: 250)
                for address in (self["to"] ?? "").split(separator: ",") {
                    try await talk.say("RCPT TO:<\(address.trimmingCharacters(in: .whitespaces))>", expecting: 250)
                }
                try await talk.say("DATA", expecting: 354)
                try request.permit?.check()
                try await outbound.write(ByteBuffer(bytes: message.dropLast(3)))
                progress.isHandedOver.withLock { $0 = true }
                try await outbound.write(ByteBuffer(bytes: message.suffix(3)))
                let reply = try await talk.reply()
                try? await outbound.write(ByteBuffer(string: "QUIT\r\n"))
                return WireResponse(status: reply.code, body: Array(reply.text.utf8))
            } catch let refusal as MailRefusal {
                return WireResponse(status: refusal.code, body: Array(refusal.text.utf8))
            }
        }
    }

    private subscript(name: String) -> String? { request.headers.first { $0.name == name }?.value }

    private func handler(_ tls: NIOSSLContext) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: tls, serverHostname: EgressGuard.isAddress(host) ? nil : host)
    }

    /// What the relay offers, in upper case.
    private func hello(_ talk: inout MailTalk) async throws -> Set<String> {
        let reply = try await talk.say("EHLO \(self["helo"] ?? "andon")", expecting: 250)
        return Set(reply.split(separator: "\n").map { $0.uppercased() })
    }

    private func signIn(_ talk: inout MailTalk, _ offers: Set<String>) async throws {
        guard let user = self["user"], !user.isEmpty else { return }
        let ways = offers.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").dropFirst() ?? []
        func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        let password = self["password"] ?? ""
        if ways.contains("PLAIN") {
            // RFC 4616.
            try await talk.say("AUTH PLAIN \(base64("\0\(user)\0\(password)"))", expecting: 235)
        } else if ways.contains("LOGIN") {
            try await talk.say("AUTH LOGIN", expecting: 334)
            try await talk.say(base64(user), expecting: 334)
            try await talk.say(base64(password), expecting: 235)
        } else {
            throw MailError("the relay offers neither AUTH PLAIN nor AUTH LOGIN")
        }
    }
}

/// A reply that ends the conversation.
private struct MailRefusal: Error {
    var code: Int
    var text: String
}

private struct MailError: Error {
    var words: String
    init(_ words: String) { self.words = words }
}

/// Lines to the relay and replies from it.
private struct MailTalk {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffer: [UInt8] = []

    /// Bytes of one reply.
    private static let replyMax = 64 << 10

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    var isDrained: Bool { buffer.isEmpty }

    @discardableResult
    mutating func say(_ line: String, expecting code: Int) async throws -> String {
        try await outbound.write(ByteBuffer(string: line + "\r\n"))
        // Only the command's name: what follows may be a credential.
        return try await expect(code, String(line.prefix { $0.isLetter }))
    }

    @discardableResult
    mutating func expect(_ code: Int, _ stage: String) async throws -> String {
        let reply = try await reply()
        // A relay that forwards answers 251 to RCPT (RFC 5321 section 4.2.3).
        guard reply.code == code || code == 250 && reply.code == 251 else {
            throw MailRefusal(code: reply.code, text: "\(stage): \(reply.code) \(reply.text)")
        }
        return reply.text
    }

    /// `250-first`, `250 last`: the code, and the texts with a line break between them.
    mutating func reply() async throws -> (code: Int, text: String) {
        var texts: [String] = []
        var length = 0
        while true {
            let line = try await line()
            length += line.utf8.count
            guard let code = Int(line.prefix(3)), (200..<600).contains(code), length < Self.replyMax else {
                throw MailError("this is no mail relay: \(line.prefix(80))")
            }
            texts.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" { return (code, texts.joined(separator: "\n")) }
        }
    }

    private mutating func line() async throws -> String {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard buffer.count < Self.replyMax else { throw MailError("a line that does not end") }
            guard let chunk = try await inbound.next() else { throw MailError("the relay hung up") }
            buffer.append(contentsOf: chunk.readableBytesView)
        }
    }
}
