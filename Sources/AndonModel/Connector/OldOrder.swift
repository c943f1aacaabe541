/// An order that the CMMS has of the time before, made by people: for a comparison.
public struct OldOrder: Hashable, Sendable {
    /// As people there know it.
    public var number: String
    /// The asset as the CMMS calls it.
    public var asset: String?
    /// When the defect was reported, and when the order was made.
    public var reportedAt: Timestamp?
    public var createdAt: Timestamp?
    public var crew: String?
    /// State, closure and the reference that one of ours has.
    public var remote: RemoteOrder

    public init(
        _ remote: RemoteOrder, number: String, asset: String?, reportedAt: Timestamp? = nil, createdAt: Timestamp?,
        crew: String? = nil
    ) {
        self.remote = remote
        self.number = number
        self.asset = asset
        self.reportedAt = reportedAt
        self.createdAt = createdAt
        self.crew = crew
    }
}

public struct OldOrderPage: Sendable {
    public var orders: [OldOrder]
    public var next: String?

    public init(orders: [OldOrder], next: String? = nil) {
        self.orders = orders
        self.next = next
    }
}
