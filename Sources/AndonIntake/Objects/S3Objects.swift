import AndonLedger
import AndonModel
import Synchronization

/// Pictures in a bucket of an S3-compatible server, by path-style addresses (`/bucket/prefix/ab/abcd…`).
///
/// The server checks what it gets against the picture's SHA-256, which is in the signed request: bytes that were changed on
/// the way, or on our disk, are refused. An answer that does not come, or that says "later", is asked for again until the
/// time for one picture is over; that is safe, as the same bytes have the same name.
public final class S3Objects: PictureObjects {
    private let s3: S3Place
    private let wire: any Wire
    private let time: any TimeSource
    private let signature: RequestSignature
    /// Whether the server knows `If-None-Match: *` for a PUT; without it the same bytes are written once more.
    private let takesConditions = Mutex(true)

    private static let pauses: [Duration] = [.milliseconds(100), .milliseconds(300), .seconds(1), .seconds(2)]
    /// Bytes that are asked for at once, so that a picture is never whole in memory.
    static let pieceBytes = 4 << 20
    private static let listMax = 1000

    public init(_ place: S3Place, wire: any Wire, time: any TimeSource) {
        (s3, self.wire, self.time) = (place, wire, time)
        signature = RequestSignature(
            accessKey: place.accessKey.reveal(), secretKey: place.secretKey, region: place.region)
    }

    public var place: String { "\(s3.endpoint)/\(s3.bucket)/\(s3.prefix)" }

    public func put(_ name: ObjectName, _ picture: Picture, file path: String) async throws {
        var question = Question("PUT", name)
        question.body = .file(path: path, bytes: picture.bytes)
        question.digest = picture.sha256
        question.headers = [.init("content-type", picture.mediaType.rawValue)]
        let plain = question
        if takesConditions.withLock({ $0 }) { question.headers.append(.init("if-none-match", "*")) }
        var answer = try await ask(question)
        if question.headers.count > plain.headers.count {
            switch answer.status {
            case 412:
                // It is there. What is not as long as the picture is not the picture.
                if try await length(of: name) == picture.bytes { return }
                answer = try await ask(plain)
            case 501:
                takesConditions.withLock { $0 = false }
                answer = try await ask(plain)
            default: break
            }
        }
        guard (200..<300).contains(answer.status) else { throw refusal(answer, "does not take the picture") }
    }

    private func length(of name: ObjectName) async throws -> Int? {
        let answer = try await ask(Question("HEAD", name))
        return answer.status == 200 ? answer["content-length"].flatMap { Int($0) } : nil
    }

    public func get(
        _ name: ObjectName, _ picture: Picture, to sink: (_ piece: [UInt8]) throws -> Void
    ) async throws -> Bool {
        var place = 0
        repeat {
            let end = min(place + Self.pieceBytes, picture.bytes)
            var question = Question("GET", name)
            if end < picture.bytes || place > 0 {
                question.headers = [.init("range", "bytes=\(place)-\(end - 1)")]
            }
            let answer = try await ask(question)
            if answer.status == 404, S3Answer.refusal(answer.body)?.code != "NoSuchBucket" { return false }
            // An object that is shorter than its picture does not have the rest.
            if answer.status == 416 { return true }
            guard [200, 206].contains(answer.status) else { throw refusal(answer, "does not give the picture") }
            // Who does not know ranges gives all of it.
            let whole = answer.status == 200
            try sink(whole ? Array(answer.body.dropFirst(place)) : answer.body)
            place += whole ? picture.bytes : answer.body.count
            guard !answer.body.isEmpty else { return true }
        } while place < picture.bytes
        return true
    }

    public func delete(_ name: ObjectName) async throws {
        let answer = try await ask(Question("DELETE", name))
        if answer.status == 404, S3Answer.refusal(answer.body)?.code != "NoSuchBucket" { return }
        guard (200..<300).contains(answer.status) else { throw refusal(answer, "does not delete the picture") }
    }

    public func list(after place: String) async throws -> [ObjectListing] {
        try await list(after: place, most: Self.listMax)
    }

    /// Asks for one name, to see whether the server is there and takes us.
    ///
    /// - Throws: `StoreError.picturesAway`.
    public func probe() async throws {
        _ = try await list(after: "", most: 1)
    }

    private func list(after place: String, most: Int) async throws -> [ObjectListing] {
        var question = Question("GET", nil)
        question.query = [("list-type", "2"), ("max-keys", "\(most)"), ("prefix", s3.prefix)]
        if !place.isEmpty { question.query.append(("start-after", s3.prefix + place)) }
        let answer = try await ask(question)
        guard answer.status == 200 else { throw refusal(answer, "does not say what it has") }
        guard let page = S3Answer.list(answer.body) else {
            throw StoreError.picturesAway("\(self.place) does not answer as an S3 server does; check the address")
        }
        return page.objects.map {
            ObjectListing(place: String($0.key.dropFirst(s3.prefix.count)), bytes: $0.bytes, writtenAt: $0.at)
        }
    }

    // MARK: One request

    private struct Question {
        var method: String
        var name: ObjectName?
        var query: [(name: String, value: String)] = []
        var headers: [WireRequest.Header] = []
        var body = WireRequest.Body.none
        var digest = RequestSignature.emptyDigest

        init(_ method: String, _ name: ObjectName?) { (self.method, self.name) = (method, name) }
    }

    /// The first answer that another attempt would not change.
    ///
    /// - Throws: `StoreError.picturesAway` when there is none in time.
    private func ask(_ question: Question) async throws -> WireResponse {
        let begin = time.uptime()
        var reason = ""
        for attempt in 0... {
            let left = s3.timeout - (time.uptime() - begin)
            guard left > .zero else { break }
            var pause = Self.pauses[min(attempt, Self.pauses.count - 1)]
            do throws(WireError) {
                let answer = try await wire.exchange(request(question, timeout: left))
                guard Self.isPassing(answer) else { return answer }
                reason = words(answer)
                if let asked = answer.retryAfter(now: time.now()) { pause = asked }
            } catch {
                switch error {
                case .notSent(let words), .noAnswer(let words): reason = words
                }
            }
            guard pause < s3.timeout - (time.uptime() - begin) else { break }
            try await time.sleep(for: pause)
        }
        throw StoreError.picturesAway("\(place): \(reason)")
    }

    private func request(_ question: Question, timeout: Duration) -> WireRequest {
        let path = "/\(s3.bucket)" + (question.name.map { "/\(s3.prefix)\($0)" } ?? "")
        let signed = signature.headers(
            of: RequestSignature.Request(
                method: question.method, host: s3.host, path: path, query: question.query, headers: question.headers,
                digest: question.digest), at: wire.now())
        let query = RequestSignature.query(question.query)
        let url =
            s3.endpoint + RequestSignature.encoded(path, keepsSlash: true) + (query.isEmpty ? "" : "?\(query)")
        return WireRequest(question.method, url, headers: signed, body: question.body, timeout: timeout)
    }

    /// Whether the same request may be answered otherwise in a moment: by a server that is busy, starts or ends, or that did
    /// not get the whole body.
    private static func isPassing(_ answer: WireResponse) -> Bool {
        switch answer.status {
        case 408, 409, 425, 429, 500, 502, 503, 504: true
        case 400: ["RequestTimeout", "IncompleteBody"].contains(S3Answer.refusal(answer.body)?.code)
        default: false
        }
    }

    // MARK: Words

    private func refusal(_ answer: WireResponse, _ what: String) -> StoreError {
        let code = S3Answer.refusal(answer.body)?.code ?? ""
        if answer.status == 507 || ["XMinioStorageFull", "QuotaExceeded", "EntityTooLarge"].contains(code) {
            return .full("\(place) \(what): \(words(answer))")
        }
        return .picturesAway("\(place) \(what): \(words(answer))\(remedy(code, answer))")
    }

    private func words(_ answer: WireResponse) -> String {
        guard let refusal = S3Answer.refusal(answer.body) else { return "HTTP \(answer.status)" }
        return "HTTP \(answer.status) \(refusal.code)" + (refusal.message.isEmpty ? "" : ", \(refusal.message)")
    }

    private func remedy(_ code: String, _ answer: WireResponse) -> String {
        switch code {
        case "NoSuchBucket": "; make the bucket \(s3.bucket), or name another (server.pictures.bucket)"
        case "InvalidAccessKeyId": "; check server.pictures.accessKey"
        case "SignatureDoesNotMatch": "; check server.pictures.secretKey and server.pictures.region"
        case "AuthorizationHeaderMalformed", "PermanentRedirect": "; check server.pictures.region"
        case "RequestTimeTooSkewed": "; the clocks of this machine and of the object storage differ: synchronize them"
        case "XAmzContentSHA256Mismatch", "BadDigest":
            "; the bytes were changed between their reception and the object storage: check this machine's disk"
        case "" where answer.status == 404: "; check server.pictures.bucket"
        default:
            answer.status == 403
                ? "; the key needs to put, get, list and delete objects in the bucket \(s3.bucket)" : ""
        }
    }
}
