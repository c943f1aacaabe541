/// Headings of columns that several tables have.
enum Heads {
    static let asset = Dimension.asset.called
    static let defectClass = Dimension.defectClass.called
    static let action = Dimension.action.called
    static let part = Dimension.part.called

    static let repairs = Phrase("column-repairs", "repairs")
    static let followed = Phrase("column-followed", "followed")
    static let returned = Phrase("column-returned", "returned")
    static let held = Phrase("column-held", "held")
    static let orders = Phrase("column-orders", "orders")
    static let falseAlarms = Phrase("column-false-alarms", "false alarms")
    static let failures = Phrase("column-failures", "failures")
    static let share = Phrase("column-share", "share")
    /// The ends of an interval.
    static let from = Phrase("column-from", "from")
    static let to = Phrase("column-to", "to")
    static let from95 = Phrase("column-from-95", "95 % from")
    static let to95 = Phrase("column-to-95", "95 % to")
    static let side = Phrase("column-side", "side")
    static let notCome = Phrase("column-not-come", "not come to it")
    static let p = Phrase("column-p", "p")
    static let model = Phrase("column-model", "model")
    static let missed = Phrase("column-missed", "missed")

    static func median(_ unit: Phrase) -> Phrase {
        Phrase("column-median", "median, {unit}", ["unit": .phrase(unit)])
    }

    static func mean(_ unit: Phrase) -> Phrase { Phrase("column-mean", "mean, {unit}", ["unit": .phrase(unit)]) }
}

/// Units behind a comma, and on axes.
enum Units {
    static let days = Phrase("unit-days", "days")
    static let hours = Phrase("unit-hours", "h")
    static let seconds = Phrase("unit-seconds", "s")
}

extension Dimension {
    /// As tables head it.
    var called: Phrase {
        switch self {
        case .defectClass: Phrase("by-class", "class")
        case .asset: Phrase("by-asset", "asset")
        case .action: Phrase("by-action", "action")
        case .cause: Phrase("by-cause", "cause")
        case .technician: Phrase("by-technician", "technician")
        case .crew: Phrase("by-crew", "crew")
        case .priority: Phrase("by-priority", "priority")
        case .lot: Phrase("by-lot", "lot")
        case .supplierLot: Phrase("by-supplier-lot", "supplierLot")
        case .part: Phrase("by-part", "part")
        case .shift: Phrase("by-shift", "shift")
        case .month: Phrase("by-month", "month")
        }
    }
}

extension Report.Cell {
    /// A name that a course is told apart by; what was not recorded is said in the reader's language.
    static func named(_ name: String) -> Report.Cell {
        name == CourseContext.unnamed ? .phrase(.notRecorded) : .text(name)
    }
}
