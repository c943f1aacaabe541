/// How forwarding stands since this start.
public struct ForwardStanding: Sendable {
    public var site = ""
    public var url = ""
    /// Whether the last attempt reached the server above and was taken.
    public var isConnected = false
    /// Why not.
    public var lastError: String?
    /// Whether the server above takes nothing of this ledger until a person acts.
    public var isRefused = false
    public var batches = 0
    public var items = 0
    public var bytes = 0
    public var pictures = 0
    public var pictureBytes = 0
}
