/// A maintenance system that orders can be carried to.
///
/// A connector translates; it decides nothing. It makes no second attempt, keeps no queue, waits for nothing, and
/// speaks to the network through the `wire` that it is handed with each call, which records every exchange and
/// refuses addresses outside the configured networks. What happens after an error is the dispatcher's business,
/// and the error's case tells it.
///
/// Every effect has two questions: *do it* (`perform`), and *is it there already?* (`find`). A connector that can
/// do something but not find it says so in its traits.
public protocol Connector: Sendable {
    var traits: ConnectorTraits { get }

    /// Does `effect` once. Returns only when the CMMS has said that it is done.
    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt

    /// The traces of `effect` that the CMMS holds: none, one, or (when something went wrong) several.
    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt]

    /// The orders of ours that changed after `cursor`; nil asks from the beginning. Orders may be reported again.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes

    /// The order as it is now; nil when the CMMS does not have it any more.
    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder?

    /// The asset registry, page by page: nil asks for the first page.
    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage

    /// The orders of all people that were made in `times`, page by page, with what is known of their repair: nil asks for
    /// the first page.
    func oldOrders(madeIn times: Range<Timestamp>, page: String?, over wire: any Wire) async throws(ConnectorError)
        -> OldOrderPage

    /// Cancels an order: one that was made for a trial, or a predictive one whose trend is gone before anybody began
    /// with it. All other orders of the plant are people's.
    func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError)

    /// Gives the order another planned date, `order.scheduledAt`, in the fields that its creation put the date into.
    /// Doing it twice is doing it once: an attempt without an answer is simply made again.
    func reschedule(_ order: WorkOrder, remoteID: String, over wire: any Wire) async throws(ConnectorError)

    /// The bytes of an attachment, to be compared with what was sent; nil where the system does not give them.
    func download(_ attachment: Attachment, of remoteID: String, over wire: any Wire) async throws(ConnectorError)
        -> [UInt8]?

    /// Which of our values goes into which field there, for people to read.
    var mapping: [MappedField] { get }

    /// Ends a session that the connector holds. Called once, when the server ends; nothing depends on it.
    func signOut(over wire: any Wire) async
}

extension Connector {
    public func signOut(over wire: any Wire) async {}
    public var mapping: [MappedField] { [] }

    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        throw .refused("this connector lists no old orders; have the CMMS write them to a CSV file, and import that")
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        throw .refused("this connector cancels nothing; close the order there by hand")
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        throw .refused("this connector moves no dates; set the order's date there by hand")
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? { nil }
}

/// One line of a field mapping as people read it.
public struct MappedField: Hashable, Sendable {
    /// The field's name in the CMMS.
    public var field: String
    /// What goes into it: a template like `{title}`.
    public var source: String
    /// Its form there, for example `text, at most 100 characters, cut at a word`.
    public var form: String

    public init(field: String, source: String, form: String) {
        self.field = field
        self.source = source
        self.form = form
    }
}

/// What a connector can do, known without asking the network.
public struct ConnectorTraits: Sendable {
    /// The system's name for people, for example "IBM Maximo".
    public var system: String
    /// Whether an earlier attempt can be found. Where it cannot, an attempt without an answer needs a person.
    public var isSearchable: Bool
    public var takesAttachments: Bool
    public var takesOccurrences: Bool
    public var hasAssetRegistry: Bool
    /// Whether the orders of all people can be listed.
    public var hasOldOrders: Bool
    /// Whether an order of ours can be cancelled: a trial's in the end, a predictive one whose trend is gone.
    public var cancels: Bool
    /// Whether the planned date of an order can be moved.
    public var reschedules: Bool
    /// Bytes; nil when the system states no limit.
    public var attachmentBytesMax: Int?
    /// The kinds of files that the system takes.
    public var attachmentTypes: Set<Picture.MediaType>
    /// Characters of the field that holds the order's whole text; nil without a limit. A longer text is cut there,
    /// and goes as a file as well.
    public var longTextMax: Int?

    public init(
        system: String, isSearchable: Bool = true, takesAttachments: Bool = true, takesOccurrences: Bool = true,
        hasAssetRegistry: Bool = false, hasOldOrders: Bool = false, cancels: Bool = true, reschedules: Bool = false,
        attachmentBytesMax: Int? = nil,
        attachmentTypes: Set<Picture.MediaType> = Set(Picture.MediaType.allCases), longTextMax: Int? = nil
    ) {
        self.system = system
        self.isSearchable = isSearchable
        self.takesAttachments = takesAttachments
        self.takesOccurrences = takesOccurrences
        self.hasAssetRegistry = hasAssetRegistry
        self.hasOldOrders = hasOldOrders
        self.cancels = cancels
        self.reschedules = reschedules
        self.attachmentBytesMax = attachmentBytesMax
        self.attachmentTypes = attachmentTypes
        self.longTextMax = longTextMax
    }
}

/// One thing done in a CMMS. Each is a row of the outbox with its own attempts.
public enum Effect: Sendable {
    /// `picture` is the absolute path of the order's picture, for systems whose request must find it there already.
    case create(WorkOrder, picture: String? = nil)
    /// `file` is the absolute path of the picture's bytes.
    case attach(Attachment, file: String, to: String)
    case append(Note, to: String)

    public var kind: Kind {
        switch self {
        case .create: .create
        case .attach: .attach
        case .append: .append
        }
    }

    /// What the outbox holds. The last two are done by `reschedule` and `withdraw`.
    public enum Kind: String, Sendable, Codable {
        case create
        case attach
        case append
        case reschedule
        case withdraw

        /// Whether it is there already need not be asked: doing it twice is doing it once.
        public var isIdempotent: Bool { self == .reschedule || self == .withdraw }
    }
}

/// The CMMS's acknowledgement.
public struct Receipt: Hashable, Sendable, Codable {
    /// What the connector addresses the order (or the attachment, or the note) by.
    public var remoteID: String
    /// The number that people know it by, for example Maximo's `wonum`.
    public var number: String?
    /// Address of the record for a browser.
    public var link: String?

    public init(remoteID: String, number: String? = nil, link: String? = nil) {
        self.remoteID = remoteID
        self.number = number
        self.link = link
    }
}

public struct Changes: Sendable {
    public var orders: [RemoteOrder]
    /// To be handed to the next call.
    public var cursor: String?
    /// Whether there is more to read at once.
    public var more: Bool

    public init(orders: [RemoteOrder], cursor: String?, more: Bool = false) {
        self.orders = orders
        self.cursor = cursor
        self.more = more
    }
}

public struct AssetPage: Sendable {
    public var assets: [Asset]
    public var next: String?

    public init(assets: [Asset], next: String? = nil) {
        self.assets = assets
        self.next = next
    }
}

/// What went wrong, by what must happen next. The words are the CMMS's own, unshortened, without credentials.
public enum ConnectorError: Error, Equatable, Sendable {
    /// The request never reached the CMMS. Try again later; nothing to look for.
    case unreachable(String)
    /// The CMMS said "later", and did nothing. `after` is its own wish.
    case busy(after: Duration?, String)
    /// The request left and no answer that can be trusted came: the effect may be there. Look for it first.
    case answerLost(String)
    /// The CMMS understood and said no. A person must mend the data or the mapping.
    case refused(String)
    /// The credentials are wrong, have run out, or lack a right. A person must mend them; the order waits.
    case unauthorized(String)
    /// The order that the effect belongs to is not in the CMMS any more.
    case gone(String)
    /// The request lies where the CMMS takes it from, and it has not answered yet. Nothing is wrong: look for the
    /// effect again after that time.
    case handedOver(after: Duration, String)

    /// The words for people.
    public var detail: String {
        switch self {
        case .handedOver(_, let text), .unreachable(let text), .busy(_, let text), .answerLost(let text),
            .refused(let text),
            .unauthorized(let text), .gone(let text):
            text
        }
    }

    /// The case's name, as the transmission log has it.
    public var name: String {
        switch self {
        case .unreachable: "unreachable"
        case .busy: "busy"
        case .answerLost: "answer-lost"
        case .refused: "refused"
        case .unauthorized: "unauthorized"
        case .gone: "gone"
        case .handedOver: "handed-over"
        }
    }
}
