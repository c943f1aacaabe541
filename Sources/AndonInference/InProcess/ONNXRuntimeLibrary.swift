import AndonVision
import COnnxRuntime
import Foundation

/// ONNX Runtime, loaded while the program runs, so that a plant without models in this process needs none of it.
///
/// It is found at the path that the configuration names; without one, at that of the variable `ANDON_ONNXRUNTIME`;
/// without that, as `libonnxruntime.so.1` where the system's loader looks. It stays loaded until the process ends.
public final class ONNXRuntimeLibrary: Sendable {
    public static let variable = "ANDON_ONNXRUNTIME"
    public static let loadersName = "libonnxruntime.so.1"

    /// `1.32.0`.
    public let version: String
    public let path: String
    // The pointer never changes, and what it points to is written once, in `andon_onnx_open`, and only read after that;
    // ONNX Runtime's table and environment may be used by several threads at once.
    nonisolated(unsafe) let handle: OpaquePointer

    private init(path: String, handle: OpaquePointer) {
        self.path = path
        self.handle = handle
        version = String(cString: andon_onnx_version(handle))
    }

    /// - Parameters:
    ///   - path: the file, or nil to look for it.
    ///   - environment: where `ANDON_ONNXRUNTIME` is looked up.
    /// - Throws: `.unavailable`; a path that is named and does not work is not passed over for another.
    public static func open(
        path: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(InferenceError) -> ONNXRuntimeLibrary {
        let named = path ?? environment[variable]
        let place = named ?? loadersName
        var reason = Reason()
        guard let handle = reason.fill({ andon_onnx_open(place, $0, $1) }) else {
            throw InferenceError(.unavailable, explain(place, reason.text))
        }
        return ONNXRuntimeLibrary(path: place, handle: handle)
    }

    private static func explain(_ place: String, _ reason: String) -> String {
        """
        ONNX Runtime cannot be loaded from \(place): \(reason). It is looked for at the configured path, then at that of \
        \(variable), then as \(loadersName) where the loader looks. To get it: pip install onnxruntime; the file is \
        onnxruntime/capi/libonnxruntime.so.* in that Python's site-packages
        """
    }
}

/// A buffer for what the C side has to say.
struct Reason {
    private var bytes = [CChar](repeating: 0, count: 2048)

    mutating func fill<R>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> R) -> R {
        bytes.withUnsafeMutableBufferPointer { body($0.baseAddress, $0.count) }
    }

    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
