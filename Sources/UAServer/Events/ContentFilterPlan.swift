import UACodec

/// A where clause that was checked, ready for use (Part 4, 7.7). Elements refer only to elements behind them, so it
/// is evaluated from the last to the first, each once, whoever refers to it.
struct ContentFilterPlan: Sendable {
    static let elementsMax = 64
    static let operandsMax = 64
    /// Operands of all elements together.
    static let operandsInAllMax = 512
    /// Elements that compare with a pattern, as those take long.
    static let patternsMax = 8

    enum Operand: Sendable {
        case element(Int)
        case literal(Variant)
        case field(FieldSelector)
    }

    struct Element: Sendable {
        let filterOperator: FilterOperator
        let operands: [Operand]
    }

    let elements: [Element]

    /// Whether an event is wanted: where there are no elements, and where the first is true; not where it is not known.
    func accepts(_ event: EventRecord, types: any EventTypes) -> Bool {
        guard !elements.isEmpty else { return true }
        var values = [Variant](repeating: .null, count: elements.count)
        for index in elements.indices.reversed() {
            let operands = elements[index].operands.map { operand -> Variant in
                switch operand {
                case .element(let other): values[other]
                case .literal(let value): value
                case .field(let field): field.value(of: event, types: types)
                }
            }
            values[index] = Operation.apply(elements[index].filterOperator, operands, event: event, types: types)
        }
        return Truth(values[0]) == .yes
    }
}

/// One step of a filter.
enum Operation {
    /// How many operands each operator takes; nil for one that event filters do not have here.
    static func operandCount(_ filterOperator: FilterOperator) -> ClosedRange<Int>? {
        switch filterOperator {
        case .isNull, .not, .ofType: 1...1
        case .equals, .greaterThan, .lessThan, .greaterThanOrEqual, .lessThanOrEqual, .like, .and, .or, .cast,
            .bitwiseAnd, .bitwiseOr:
            2...2
        case .between: 3...3
        case .inList: 2...ContentFilterPlan.operandsMax
        default: nil
        }
    }

    static func apply(
        _ filterOperator: FilterOperator, _ operands: [Variant], event: EventRecord, types: any EventTypes
    ) -> Variant {
        switch filterOperator {
        case .cast: cast(operands[0], to: operands[1])
        case .bitwiseAnd: bitwise(operands) { $0 & $1 }
        case .bitwiseOr: bitwise(operands) { $0 | $1 }
        case .ofType: ofType(operands[0], event: event, types: types).variant
        default: truth(filterOperator, operands).variant
        }
    }

    private static func truth(_ filterOperator: FilterOperator, _ operands: [Variant]) -> Truth {
        switch filterOperator {
        case .equals: Comparison.equals(operands[0], operands[1])
        case .isNull: Truth(Comparison.isNull(operands[0]))
        case .greaterThan: Comparison.greater(operands[0], operands[1])
        case .lessThan: Comparison.less(operands[0], operands[1])
        case .greaterThanOrEqual: Comparison.greaterOrEqual(operands[0], operands[1])
        case .lessThanOrEqual: Comparison.lessOrEqual(operands[0], operands[1])
        case .like: like(operands[0], operands[1])
        case .not: !Truth(operands[0])
        case .between:
            .and(
                Comparison.greaterOrEqual(operands[0], operands[1]), Comparison.lessOrEqual(operands[0], operands[2]))
        case .inList: operands.dropFirst().reduce(.no) { .or($0, Comparison.equals(operands[0], $1)) }
        case .and: .and(Truth(operands[0]), Truth(operands[1]))
        case .or: .or(Truth(operands[0]), Truth(operands[1]))
        default: .unknown
        }
    }

    private static func like(_ text: Variant, _ pattern: Variant) -> Truth {
        guard let text = Conversion.cast(text, to: .string)?.value(as: String.self),
            let pattern = pattern.value(as: String.self), text.utf8.count <= LikePattern.textBytes
        else { return .unknown }
        return Truth(LikePattern(pattern)?.matches(text))
    }

    private static func ofType(_ type: Variant, event: EventRecord, types: any EventTypes) -> Truth {
        guard let type = type.value(as: NodeId.self) else { return .unknown }
        return Truth(types.isType(event.type, derivedFrom: type))
    }

    private static func cast(_ value: Variant, to type: Variant) -> Variant {
        guard let number = type.value(as: NodeId.self)?.standardNumber, let code = UInt8(exactly: number),
            let type = BuiltInType(rawValue: code)
        else { return .null }
        return Conversion.cast(value, to: type) ?? .null
    }

    private static func bitwise(_ operands: [Variant], _ combine: (Int64, Int64) -> Int64) -> Variant {
        guard let (left, right) = Conversion.common(operands[0], operands[1]), let type = left.type else {
            return .null
        }
        if let one = left.value(as: UInt64.self), let other = right.value(as: UInt64.self) {
            return Variant(UInt64(bitPattern: combine(Int64(bitPattern: one), Int64(bitPattern: other))))
        }
        guard let one = left.integer, let other = right.integer else { return .null }
        return Conversion.cast(Variant(combine(one, other)), to: type) ?? .null
    }
}
