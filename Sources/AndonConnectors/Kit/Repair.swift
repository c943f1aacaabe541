import AndonModel

/// Hours of work added up from rows of a quantity and a unit. A unit that is no time makes the sum unknown rather
/// than wrong.
struct LabourSum {
    private var total = 0.0
    private var isKnown = true
    /// Hours in one of the unit, by the unit's word in upper case.
    let units: [String: Double]

    static let commonUnits = ["H": 1, "HR": 1, "HRS": 1, "HUR": 1, "HOUR": 1, "STD": 1, "MIN": 1.0 / 60]

    init(units: [String: Double] = Self.commonUnits) { self.units = units }

    mutating func add(_ quantity: Double?, _ unit: String?) {
        guard let quantity, quantity != 0 else { return }
        if let hours = units[(unit ?? "").uppercased()] { total += quantity * hours } else { isKnown = false }
    }

    /// To 0.0001 h; nil when nothing is left.
    var hours: Double? { isKnown && total > 0 ? (total * 10_000).rounded() / 10_000 : nil }
}

/// Parts added up from what was issued and what came back, in the order in which they were first named.
struct PartSum {
    private var codes: [String] = []
    private var quantities: [String: Double] = [:]

    mutating func add(_ quantity: Double, of code: String) {
        if quantities[code] == nil { codes.append(code) }
        quantities[code, default: 0] += quantity
    }

    var parts: [Closure.Part] {
        codes.compactMap { code in
            quantities[code].flatMap { $0 > 0 ? Closure.Part(code: code, quantity: $0) : nil }
        }
    }
}

extension Reference {
    /// The reference behind `prefix` in a field that others may use as well.
    init?(behind prefix: String, in text: String?) {
        guard let text, text.hasPrefix(prefix) else { return nil }
        self.init(String(text.dropFirst(prefix.count)))
    }
}

extension [String: OrderState] {
    private static let weights: [OrderState: Int] = [.cancelled: 5, .closed: 4, .done: 3, .inProgress: 2, .open: 1]

    /// The state that goes furthest among those of `words`, of which a record may bear several at once.
    func furthest(of words: some Sequence<Substring>) -> OrderState? {
        words.compactMap { self[$0.uppercased()] }
            .max { Self.weights[$0, default: 0] < Self.weights[$1, default: 0] }
    }
}
