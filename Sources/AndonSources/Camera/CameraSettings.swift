import AndonCapture
import AndonModel
import AndonVision

/// A camera whose frames this server looks at itself, as the configuration has it.
public struct CameraSettings: Sendable {
    /// As the plant calls it.
    public var camera: String
    public var zone: String?
    public var capture: FrameSourceSettings
    public var model: Model
    /// What happens to frames while the model is busy; sources that can wait do.
    public var drop: DropPolicy
    public var severity: SeverityRule
    public var health: CameraHealthSettings
    /// Whom trouble of the camera is reported against; nil for the camera's own asset.
    public var healthAsset: String?
    public var evidence: Evidence
    /// How often frames without a defect are brought, as counts.
    public var goodEvery: Duration
    /// From capture to the end of a frame; over it at the 95th percentile for a minute, an alarm stands.
    public var deadline: Duration
    /// Added to `deadline` where frames or tensors go over a network.
    public var network: Duration
    /// A frame of a live source that waited longer is not looked at.
    public var staleAfter: Duration
    /// After so long without a connection there is an alarm.
    public var alarmAfter: Duration

    public struct Model: Sendable, Hashable {
        /// The card's file; its folder is the models folder of this camera.
        public var card: String
        public var engine: Engine
        /// Another card, whose model runs beside and is compared.
        public var shadow: String?
    }

    public enum Engine: Sendable, Hashable {
        /// In this process. `library` is the path of `libonnxruntime.so`; nil looks for it (docs/inference.md).
        case onnxRuntime(library: String?, threads: Int)
        case openInference(OpenInference)
    }

    /// A server that speaks the Open Inference Protocol.
    public struct OpenInference: Sendable, Hashable {
        public enum Form: String, Sendable, CaseIterable { case http, grpc }

        public var url: String
        public var form: Form
        /// The model's name there; nil for the card's.
        public var model: String?
        public var timeout: Duration
        /// Frames of one call, of all cameras that share the model.
        public var batchMax: Int
        /// How long a call waits for others.
        public var gather: Duration
        /// Calls under way at once.
        public var overlap: Int
    }

    /// Frames around a defect that are kept with it.
    public struct Evidence: Sendable, Hashable {
        public var before: Int
        public var after: Int
        /// How long frames are held back for it, and how many bytes of them.
        public var ring: Duration
        public var bytesMax: Int
    }

    var isOverNetwork: Bool {
        if case .openInference = model.engine { return true }
        return false
    }

    /// What the 95th percentile is held against.
    public var latencyMax: Duration { isOverNetwork ? deadline + network : deadline }
}
