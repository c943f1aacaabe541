import AndonIdentity
import AndonModel

/// A step at the desk, as its address names it.
enum DeskAction: String, CaseIterable {
    case assign
    case start
    case note
    case photos
    case close
    case cancel
    case reopen

    /// Of its entry in the ledger; each photo has one of its own.
    var kind: String {
        switch self {
        case .assign: "desk.assigned"
        case .start: "desk.started"
        case .note: "desk.noted"
        case .photos: "order.photo"
        case .close: "desk.closed"
        case .cancel: "desk.cancelled"
        case .reopen: "desk.reopened"
        }
    }

    /// The states of an order in which it can be done; those without an end in mind can be done in any.
    var states: [OrderState] {
        switch self {
        case .assign, .close, .cancel: [.open, .inProgress]
        case .start: [.open]
        case .reopen: [.closed, .cancelled]
        case .note, .photos: OrderState.allCases
        }
    }

    var permission: Permission {
        switch self {
        case .start, .note, .photos, .close: .work
        case .assign, .cancel, .reopen: .plan
        }
    }
}
