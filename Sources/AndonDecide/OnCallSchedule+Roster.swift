import AndonModel

extension OnCallSchedule {
    /// One shift that starts on a date, and who has it.
    public struct Turn: Sendable, Equatable {
        public var shift: Shift
        /// Nil for nobody.
        public var assignee: String?
        /// Another one than the shift's own, or nobody.
        public var isOverridden: Bool
    }

    /// The shifts that start on a date, in the order of the list, as people plan them: also those that another one comes
    /// before at the same time.
    public func turns(on date: CivilDate) -> [Turn] {
        let day = date.daysSinceEpoch
        return shifts.compactMap { shift in
            let runs = shift.days.contains(Weekday(daysSinceEpoch: day))
            let override = overrides.first {
                $0.date.daysSinceEpoch == day && ($0.shift == shift.name || ($0.shift == nil && runs))
            }
            guard runs || override != nil else { return nil }
            return Turn(
                shift: shift, assignee: override.map(\.assignee) ?? shift.assignee, isOverridden: override != nil)
        }
    }

    /// The date on the wall clock at `time`.
    public func date(at time: Timestamp) -> CivilDate {
        let midnight = Timestamp("\(localText(time).prefix(10))T00:00:00Z")
        return CivilDate(daysSinceEpoch: (midnight ?? time).microseconds / 86_400_000_000)
    }
}
