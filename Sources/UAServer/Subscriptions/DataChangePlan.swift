import UACodec

/// A DataChangeFilter that was checked: which values are reported (Part 4, 7.22.2).
struct DataChangePlan: Sendable {
    enum Deadband: Hashable, Sendable {
        case none
        /// The difference in the value's own units; of a percentage it has been computed already.
        case difference(Double)
    }

    let trigger: DataChangeTrigger
    let deadband: Deadband

    static let standard = DataChangePlan(trigger: .statusValue, deadband: .none)

    /// - Parameters:
    ///   - range: the EURange of the node, for deadbands in percent.
    ///   - isNumeric: whether the node's values are numbers, or arrays of numbers.
    static func check(
        _ filter: DataChangeFilter, isNumeric: Bool, range: ValueRange?
    ) throws(StatusError) -> DataChangePlan {
        guard (0...2).contains(filter.trigger.rawValue) else { throw StatusError(.badMonitoredItemFilterInvalid) }
        guard filter.deadbandType != 0 else { return DataChangePlan(trigger: filter.trigger, deadband: .none) }
        guard filter.deadbandValue.isFinite, filter.deadbandValue >= 0 else {
            throw StatusError(.badDeadbandFilterInvalid)
        }
        guard isNumeric else { throw StatusError(.badFilterNotAllowed) }
        switch filter.deadbandType {
        case 1: return DataChangePlan(trigger: filter.trigger, deadband: .difference(filter.deadbandValue))
        case 2:
            guard filter.deadbandValue <= 100 else { throw StatusError(.badDeadbandFilterInvalid) }
            guard let range, (range.high - range.low).isFinite, range.high > range.low else {
                throw StatusError(.badMonitoredItemFilterUnsupported)
            }
            let difference = filter.deadbandValue / 100 * (range.high - range.low)
            return DataChangePlan(trigger: filter.trigger, deadband: .difference(difference))
        default: throw StatusError(.badMonitoredItemFilterUnsupported)
        }
    }

    /// Whether a value is reported after the one that was reported last.
    func reports(_ new: DataValue, after last: DataValue) -> Bool {
        if new.effectiveStatus.code != last.effectiveStatus.code { return true }
        guard trigger != .status else { return false }
        if trigger == .statusValueTimestamp, new.sourceTimestamp != last.sourceTimestamp { return true }
        switch (new.value, last.value) {
        case (nil, nil): return false
        case (let one?, let other?): return differs(one, other)
        default: return true
        }
    }

    private func differs(_ new: Variant, _ last: Variant) -> Bool {
        guard case .difference(let allowed) = deadband else { return Self.differs(new, last) }
        if let one = new.number, let other = last.number { return Self.exceeds(one, other, allowed) }
        guard let some = new.elements, let others = last.elements, some.count == others.count else {
            return Self.differs(new, last)
        }
        return (0..<some.count).contains { index in
            guard let one = Variant.scalar(some[index]).number, let other = Variant.scalar(others[index]).number else {
                return some[index] != others[index]
            }
            return Self.exceeds(one, other, allowed)
        }
    }

    private static func exceeds(_ new: Double, _ last: Double, _ allowed: Double) -> Bool {
        if new == last || (new.isNaN && last.isNaN) { return false }
        let difference = abs(new - last)
        return difference > allowed || difference.isNaN
    }

    /// Two numbers that are none are the same: such a sensor is not news at every sample.
    private static func differs(_ new: Variant, _ last: Variant) -> Bool {
        if case .scalar(.double(let one)) = new, case .scalar(.double(let other)) = last {
            return one != other && !(one.isNaN && other.isNaN)
        }
        if case .scalar(.float(let one)) = new, case .scalar(.float(let other)) = last {
            return one != other && !(one.isNaN && other.isNaN)
        }
        return new != last
    }
}
