import AndonIdentity
import AndonLedger
import AndonModel
import Hummingbird

/// What the desk's pages ask of the server around them.
public struct DeskSurroundings: Sendable {
    /// IANA name of the zone of the clocks at the machines.
    public var timeZone: @Sendable () -> String
    /// Of an asset; nil for one that is nowhere in particular.
    public var site: @Sendable (_ asset: String) -> String?
    /// Assets that somebody does not see.
    public var hidden: @Sendable (_ caller: Caller) -> [String]
    /// The lines of what somebody sees, sorted.
    public var lines: @Sendable (_ caller: Caller) -> [String]
    /// The way in for photos.
    public var photos: any PhotoDoor
    /// Who signs a closure.
    public var accounts: Accounts
    /// The entries that make up an order's record: what a signature is over.
    public var recordEntries: @Sendable (Reference, Reader) throws -> [Int64]
    /// Called after each step, so that the order is read at once.
    public var changed: @Sendable () -> Void

    public init(
        timeZone: @escaping @Sendable () -> String, site: @escaping @Sendable (String) -> String?,
        hidden: @escaping @Sendable (Caller) -> [String], lines: @escaping @Sendable (Caller) -> [String],
        photos: any PhotoDoor, accounts: Accounts,
        recordEntries: @escaping @Sendable (Reference, Reader) throws -> [Int64],
        changed: @escaping @Sendable () -> Void
    ) {
        (self.timeZone, self.site, self.hidden, self.lines) = (timeZone, site, hidden, lines)
        (self.photos, self.accounts, self.recordEntries, self.changed) = (photos, accounts, recordEntries, changed)
    }
}

/// A form with photos as it came in: their bytes are durable, and stay only if the tables have them in the end.
public struct PhotoForm: Sendable {
    /// The fields beside the photos.
    public var form: URLEncodedForm
    public var pictures: [Picture]
    /// To be called once the step's outcome is durable, whatever it is, and before it is answered.
    public var end: @Sendable () async throws -> Void

    public init(form: URLEncodedForm, pictures: [Picture], end: @escaping @Sendable () async throws -> Void) {
        (self.form, self.pictures, self.end) = (form, pictures, end)
    }
}

/// Takes the photos of a `multipart/form-data` request, in parts with the name `photo`.
public protocol PhotoDoor: Sendable {
    /// - Throws: ``Problem`` 400, 413 and 415 for what is no form, too large or no picture; `StoreError` from the disk.
    func receive(_ request: Request) async throws -> PhotoForm
}

/// How many photos a step may bring, and how large.
public enum PhotoLimits {
    public static let countMax = 10
    public static let bytesMax = 15_000_000
    /// Of the fields beside the photos, all together.
    public static let fieldBytesMax = 64 << 10
}
