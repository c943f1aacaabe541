import UACodec
import UAServer

/// What a user may do beside reading. Each right is one of the standard's roles (OPC 10000-18, 4.3), so that the server's
/// core knows of nothing else.
public enum FloorRight: String, Sendable, CaseIterable {
    /// Acknowledge alarms and comment on them.
    case acknowledge
    /// Hand in reports.
    case submit
    /// Say that the CMMS has news of an order.
    case respond

    public var role: NodeId {
        switch self {
        case .acknowledge: NodeId(15680)
        case .submit: NodeId(16036)
        case .respond: NodeId(15692)
        }
    }
}

/// What a report that was handed in came to.
public enum Submission: Sendable, Equatable {
    case accepted(id: String, isRepeated: Bool, orders: [String])
    /// It cannot be taken as it is; in words.
    case refused(String)
    /// It can be sent again later.
    case unavailable(String)
}

/// What methods of the server do in Andon.
public struct FloorActions: Sendable {
    /// The intake that HTTP has as well: returns when the report is durable.
    public var submit: @Sendable (_ report: String, _ user: String) async -> Submission
    /// The CMMS has news of the order with that reference; false where there is none.
    public var respond: @Sendable (_ reference: String, _ user: String) async -> Bool
    /// An operator acknowledged or commented on an alarm; it is to be written down.
    public var operate:
        @Sendable (_ action: AlarmAction.Kind, _ alarm: AlarmKey, _ user: String, _ address: String, _ comment: String)
            -> Void

    public init(
        submit: @escaping @Sendable (_ report: String, _ user: String) async -> Submission,
        respond: @escaping @Sendable (_ reference: String, _ user: String) async -> Bool,
        operate:
            @escaping @Sendable (
                _ action: AlarmAction.Kind, _ alarm: AlarmKey, _ user: String, _ address: String, _ comment: String
            ) -> Void
    ) {
        self.submit = submit
        self.respond = respond
        self.operate = operate
    }
}
