import AndonVision

/// Where frames come from: a camera's stream, a folder, a sender.
public protocol FrameSource: Sendable {
    var name: String { get }

    /// Whether the source waits for `deliver` without losing anything: a folder, an upload. False for a camera, which goes on
    /// whether anybody looks or not; a slot that may drop stands behind it.
    var keepsWaiting: Bool { get }

    /// What can be known before the first frame. Throws when the source cannot begin as things are.
    func check() throws(CaptureError)

    /// Delivers frames until the source comes to its end, or the task is cancelled: then it returns.
    ///
    /// - Parameter deliver: called for each frame in its order, one after the other but for ``PushedFrames``, whose senders may
    ///   overlap. The source reads on when it returns.
    /// - Throws: ``CaptureError`` when the source breaks; it may be run again.
    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError)
}

extension FrameSource {
    public func check() throws(CaptureError) {}
}

/// Why frames do not come.
public struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// A program that the source needs is not installed.
        case missingTool
        /// Nobody answers, or the file or folder is not there.
        case unreachable
        /// It is there and says no; or what came is no picture that is taken.
        case refused
        /// It was there, and broke.
        case broken
        /// It came to its end where an end was not expected.
        case ended
    }

    public var kind: Kind
    /// What was wrong, where, and what to do. Never with a password in it.
    public var reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var description: String { reason }
}
