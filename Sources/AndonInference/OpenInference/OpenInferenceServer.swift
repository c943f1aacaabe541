import AndonModel
import AndonVision
import NIOSSL

/// A model on a server that speaks the Open Inference Protocol, version 2: Triton, OpenVINO Model Server, KServe.
public struct OpenInferenceServer: Sendable {
    public var host: String
    public var port: Int
    public var usesTLS: Bool
    public var model: String
    /// nil for the one that the server prefers.
    public var version: String?
    /// Of one call, with its second attempt.
    public var deadline: Duration
    /// How long connecting waits for a server that is still loading the model.
    public var readyWithin: Duration
    /// A longer answer is an error. The largest in use, a heat map of 1024 x 1024, has 4 MiB.
    public var answerBytesMax: Int
    /// PEM files with the certificates of the plant's own authorities, trusted beside the system's.
    public var trustedCertificates: [String]

    public init(
        host: String, port: Int, usesTLS: Bool = false, model: String, version: String? = nil,
        deadline: Duration = .seconds(2), readyWithin: Duration = .seconds(30), answerBytesMax: Int = 64 << 20,
        trustedCertificates: [String] = []
    ) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.model = model
        self.version = version
        self.deadline = deadline
        self.readyWithin = readyWithin
        self.answerBytesMax = answerBytesMax
        self.trustedCertificates = trustedCertificates
    }

    var place: String { "\(usesTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    func failure(_ kind: InferenceError.Kind, _ words: String) -> InferenceError {
        InferenceError(kind, "model \(model) at \(place): \(words.cut(to: 1000, in: .utf8))")
    }

    /// TLS 1.2 or later.
    func tls(_ protocols: [String]) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.additionalTrustRoots = trustedCertificates.map { .file($0) }
        tls.applicationProtocols = protocols
        return tls
    }
}

/// Says to which address a host's connection may go, before any byte leaves; throws `.refused` where it may go to none.
/// It is the address that is connected to, so that no second look-up can lead elsewhere.
public typealias AddressCheck = @Sendable (_ host: String, _ port: Int) async throws(InferenceError) -> String

/// An attempt that failed, and whether the same request may be sent once more: an inference changes nothing.
struct FailedAttempt: Error {
    var error: InferenceError
    var mayRepeat: Bool
}

extension OpenInferenceServer {
    /// Makes an attempt, and one more where the connection broke or the server had no room, all within the deadline.
    func attempt<R: Sendable>(
        _ time: any TimeSource, _ body: @escaping @Sendable () async throws(FailedAttempt) -> R
    ) async throws(InferenceError) -> R {
        let result = await withTaskGroup(of: Result<R, InferenceError>.self) { group in
            group.addTask { await twice(body) }
            group.addTask {
                do {
                    try await time.sleep(for: deadline)
                    return .failure(failure(.late, "no answer within \(deadline)"))
                } catch {
                    return .failure(failure(.late, "the caller gave up before there was an answer"))
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(failure(.late, "no answer"))
        }
        return try result.get()
    }

    private func twice<R: Sendable>(
        _ body: @Sendable () async throws(FailedAttempt) -> R
    ) async -> Result<R, InferenceError> {
        do throws(FailedAttempt) {
            return .success(try await body())
        } catch {
            guard error.mayRepeat, !Task.isCancelled else { return .failure(error.error) }
        }
        do throws(FailedAttempt) {
            return .success(try await body())
        } catch {
            return .failure(error.error)
        }
    }

    /// Asks until the model is ready, or `readyWithin` is over.
    ///
    /// - Parameter describe: asks what the model takes. Triton says of a model or version that it does not have only that it
    ///   is not ready, and names it when it is asked for this.
    func waitUntilReady(
        _ time: any TimeSource, _ ask: () async throws(InferenceError) -> Void,
        describe: () async throws(InferenceError) -> Void
    ) async throws(InferenceError) {
        let start = time.uptime()
        while true {
            do throws(InferenceError) {
                return try await ask()
            } catch {
                guard time.uptime() - start < readyWithin else { throw await refusal(of: describe) ?? error }
            }
            do {
                try await time.sleep(for: .milliseconds(500))
            } catch {
                throw failure(.late, "the caller gave up while the model was not ready")
            }
        }
    }

    private func refusal(of describe: () async throws(InferenceError) -> Void) async -> InferenceError? {
        do throws(InferenceError) {
            try await describe()
            return nil
        } catch {
            return error.kind == .refused ? error : nil
        }
    }
}
