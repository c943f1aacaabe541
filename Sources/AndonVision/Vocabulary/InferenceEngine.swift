/// Runs one loaded model. Two back ends are one interface: a library in this process, and a server that speaks the Open
/// Inference Protocol; the same model gives the same numbers in both, within 1e-5 of the largest.
public protocol InferenceEngine: Sendable {
    var identity: EngineIdentity { get }
    var inputs: [TensorPort] { get }
    var outputs: [TensorPort] { get }

    /// Runs the model. Calls may overlap; an engine that can batch puts those together that wait at the same time.
    ///
    /// - Parameters:
    ///   - inputs: a tensor for each name of `self.inputs`; axis 0 is the batch.
    ///   - outputs: which ones to bring back.
    /// - Throws: `InferenceError`, which says whether trying again can help.
    func infer(_ inputs: [String: Tensor], outputs: [String]) async throws(InferenceError) -> [String: Tensor]

    /// Lets go of the model. Calls under way come to their end; later ones fail.
    func close() async
}

/// Which program runs the model.
public struct EngineIdentity: Sendable, Hashable {
    /// `onnxruntime`, `open-inference/http`, `open-inference/grpc`.
    public var kind: String
    /// Its own version, `1.32.0`.
    public var version: String
    /// Where it is: a library's path, a server's address.
    public var place: String

    public init(kind: String, version: String, place: String) {
        self.kind = kind
        self.version = version
        self.place = place
    }
}

/// Why a model could not be loaded or run.
public struct InferenceError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// The engine itself is not there: no library, no server.
        case unavailable
        /// No answer in time.
        case late
        /// It is there and has no room for more.
        case overloaded
        /// The model or the request is wrong; the same request fails again.
        case refused
    }

    public var kind: Kind
    /// What was wrong, where, and what to do.
    public var reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var isWorthTryingAgain: Bool { kind != .refused }
    public var description: String { reason }
}
