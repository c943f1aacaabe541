import Testing
import UACodec

@testable import UAServer

/// Where clauses against an evaluator that follows references instead of a plan.
@Suite("Content filters, by chance")
struct FilterPropertyTests {
    private struct Types: EventTypes {
        func isEventType(_ type: NodeId) -> Bool { type.namespace == 0 }
        func isType(_ type: NodeId, derivedFrom base: NodeId) -> Bool { type == base || base == EventType.base }
    }

    private static let operators: [FilterOperator] = [
        .equals, .isNull, .greaterThan, .lessThan, .greaterThanOrEqual, .lessThanOrEqual, .not, .between, .inList, .and,
        .or, .ofType, .bitwiseAnd, .bitwiseOr,
    ]

    /// Small whole numbers, truths and nulls: what the naive evaluator can be sure of.
    private static func value(_ random: inout SeededGenerator) -> Variant {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .null
        case 1: Variant(Bool.random(using: &random))
        case 2: Variant(Int32.random(in: -3...3, using: &random))
        case 3: Variant(UInt16.random(in: 0...3, using: &random))
        case 4: Variant(Int64.random(in: -3...3, using: &random))
        default: Variant(Double(Int.random(in: -3...3, using: &random)))
        }
    }

    private static func filter(_ random: inout SeededGenerator) -> [ContentFilterElement] {
        let count = Int.random(in: 1...12, using: &random)
        return (0..<count).map { index in
            let wanted = operators.randomElement(using: &random) ?? .not
            let counts = Operation.operandCount(wanted) ?? 1...1
            let operands = (0..<Int.random(in: counts.lowerBound...min(counts.upperBound, 5), using: &random)).map {
                _ in
                operand(wanted, after: index, of: count, &random)
            }
            return ContentFilterElement(filterOperator: wanted, filterOperands: operands)
        }
    }

    private static func operand(
        _ wanted: FilterOperator, after index: Int, of count: Int, _ random: inout SeededGenerator
    ) -> ExtensionObject {
        if wanted == .ofType { return .literal(NodeId(Bool.random(using: &random) ? 2041 : 2130)) }
        if index + 1 < count, Int.random(in: 0..<3, using: &random) > 0 {
            return .element(UInt32.random(in: UInt32(index + 1)..<UInt32(count), using: &random))
        }
        if Bool.random(using: &random) {
            return .field(EventPath(QualifiedName("F\(Int.random(in: 0..<4, using: &random))")))
        }
        return ExtensionObject(LiteralOperand(value: value(&random)))
    }

    // MARK: The naive evaluator: recursion, and numbers as Doubles

    private static func evaluate(_ elements: [ContentFilterElement], _ index: Int, _ fields: [Variant]) -> Variant {
        let operands = elements[index].filterOperands.map { operand -> Variant in
            if let element = operand.value(as: ElementOperand.self) {
                return evaluate(elements, Int(element.index), fields)
            }
            if let field = operand.value(as: SimpleAttributeOperand.self) {
                return fields[Int(field.browsePath[0].name?.dropFirst() ?? "") ?? 0]
            }
            return operand.value(as: LiteralOperand.self)?.value ?? .null
        }
        return apply(elements[index].filterOperator, operands)
    }

    private static func number(_ value: Variant) -> Double? {
        value.value(as: Bool.self).map { $0 ? 1 : 0 } ?? value.number
    }

    private static func truth(_ value: Bool?) -> Variant { value.map { Variant($0) } ?? .null }

    private static func compare(_ operands: [Variant], _ fits: (Double, Double) -> Bool) -> Bool? {
        // Two truths have no order.
        if operands[0].type == .boolean, operands[1].type == .boolean { return nil }
        guard let one = number(operands[0]), let other = number(operands[1]) else { return nil }
        return fits(one, other)
    }

    private static func equal(_ one: Variant, _ other: Variant) -> Bool? {
        guard let first = number(one), let second = number(other) else { return nil }
        // A number and a truth: the truth becomes a number.
        return first == second
    }

    private static func apply(_ wanted: FilterOperator, _ operands: [Variant]) -> Variant {
        let flags = operands.map { $0.value(as: Bool.self) }
        switch wanted {
        case .equals: return truth(equal(operands[0], operands[1]))
        case .isNull: return Variant(operands[0] == .null)
        case .greaterThan: return truth(compare(operands, >))
        case .lessThan: return truth(compare(operands, <))
        case .greaterThanOrEqual: return truth(compare(operands, >=))
        case .lessThanOrEqual: return truth(compare(operands, <=))
        case .not: return truth(flags[0].map { !$0 })
        case .between:
            let bounds = [compare(Array(operands[...1]), >=), compare([operands[0], operands[2]], <=)]
            return truth(bounds.contains(false) ? false : bounds.contains(nil) ? nil : true)
        case .inList:
            let found = operands.dropFirst().map { equal(operands[0], $0) }
            return truth(found.contains(true) ? true : found.contains(nil) ? nil : false)
        case .and: return truth(flags.contains(false) ? false : flags.contains(nil) ? nil : true)
        case .or: return truth(flags.contains(true) ? true : flags.contains(nil) ? nil : false)
        case .ofType: return Variant(operands[0] == Variant(NodeId(2041)) || operands[0] == Variant(NodeId(2130)))
        default:
            // Of bits, whether and what; the type is the plan's business.
            guard let one = whole(operands[0]), let other = whole(operands[1]) else { return .null }
            if operands.contains(where: { $0.type == .double }) || operands.allSatisfy({ $0.type == .boolean }) {
                return .null
            }
            let bits = wanted == .bitwiseAnd ? one & other : one | other
            return Variant(bits)
        }
    }

    private static func whole(_ value: Variant) -> Int64? {
        value.value(as: Bool.self).map { $0 ? 1 : 0 } ?? value.integer
    }

    @Test("A plan decides as a naive evaluator does", arguments: 0..<4)
    func agrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        print("seed \(seed)")
        for round in 0..<2000 {
            let elements = Self.filter(&random)
            let fields = (0..<4).map { _ in Self.value(&random) }
            let (plan, results) = ContentFilterCheck(ContentFilter(elements: elements), types: Types()).run()
            guard let plan else {
                Issue.record("round \(round): \(results)")
                return
            }
            var event = EventRecord(
                Event(type: EventType.system, source: NodeId(2253), sourceName: "", message: .null), id: [],
                now: .null)
            for (index, value) in fields.enumerated() { event.fields[EventPath(QualifiedName("F\(index)"))] = value }
            let wanted = Self.evaluate(elements, 0, fields) == Variant(true)
            #expect(
                plan.accepts(event, types: Types()) == wanted, "seed \(seed), round \(round): \(elements) \(fields)")
        }
    }

    @Test("Sixty-four elements that each refer twice to the next take no longer than sixty-four steps")
    func sharing() {
        var elements = (0..<63).map { ContentFilterElement(.and, .element(UInt32($0 + 1)), .element(UInt32($0 + 1))) }
        elements.append(ContentFilterElement(.isNull, .field("Nothing")))
        let (plan, _) = ContentFilterCheck(ContentFilter(elements: elements), types: Types()).run()
        let event = EventRecord(
            Event(source: NodeId(2253), sourceName: "", message: .null), id: [], now: .null)
        #expect(plan?.accepts(event, types: Types()) == true)
    }
}
