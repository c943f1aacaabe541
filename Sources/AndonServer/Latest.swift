import Synchronization

/// A value that one place puts and many read: each reader gets the newest.
final class Latest<Value: Sendable>: Sendable {
    private let kept: Mutex<Value>

    init(_ value: Value) { kept = Mutex(value) }

    var value: Value { kept.withLock { $0 } }

    func put(_ value: Value) { kept.withLock { $0 = value } }
}
