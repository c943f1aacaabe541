import UACodec

/// An EventFilter that was checked, ready for use.
struct EventFilterPlan: Sendable {
    /// Nil for a clause that was refused: its field is null in every event.
    let select: [FieldSelector?]
    let condition: ContentFilterPlan

    static let selectClausesMax = 256

    func accepts(_ event: EventRecord, types: any EventTypes) -> Bool { condition.accepts(event, types: types) }

    /// One value for each select clause, in order.
    func fields(of event: EventRecord, types: any EventTypes) -> [Variant] {
        select.map { $0?.value(of: event, types: types) ?? .null }
    }

    /// Checks a filter.
    ///
    /// - Returns: the plan, and what is wrong with parts of it where anything is.
    /// - Throws: Bad_EventFilterInvalid where no select clause is good or the where clause is not.
    static func check(
        _ filter: EventFilter, types: any EventTypes
    ) -> (plan: Result<EventFilterPlan, StatusError>, faults: EventFilterResult?) {
        guard filter.selectClauses.count <= selectClausesMax else {
            return (.failure(StatusError(.badTooManyOperations)), nil)
        }
        var statuses: [StatusCode] = []
        let select = filter.selectClauses.map { clause -> FieldSelector? in
            do throws(StatusError) {
                let selector = try FieldSelector(clause, types: types)
                statuses.append(.good)
                return selector
            } catch {
                statuses.append(error.status)
                return nil
            }
        }
        let (condition, elements) = ContentFilterCheck(filter.whereClause, types: types).run()
        let isClean = statuses.allSatisfy(\.isGood) && condition != nil
        let faults = EventFilterResult(
            selectClauseResults: statuses, whereClauseResult: ContentFilterResult(elementResults: elements))
        guard let condition, select.contains(where: { $0 != nil }) else {
            return (.failure(StatusError(.badEventFilterInvalid)), faults)
        }
        return (.success(EventFilterPlan(select: select, condition: condition)), isClean ? nil : faults)
    }
}

/// The check of a where clause (Part 4, 7.7.1 to 7.7.4).
struct ContentFilterCheck {
    private let filter: ContentFilter
    private let types: any EventTypes

    init(_ filter: ContentFilter, types: any EventTypes) {
        self.filter = filter
        self.types = types
    }

    /// - Returns: no plan where an element is wrong; a result for each element, good ones included.
    func run() -> (ContentFilterPlan?, [ContentFilterElementResult]) {
        let operands = filter.elements.reduce(0) { $0 + $1.filterOperands.count }
        let patterns = filter.elements.lazy.filter { $0.filterOperator == .like }.count
        guard filter.elements.count <= ContentFilterPlan.elementsMax, operands <= ContentFilterPlan.operandsInAllMax,
            patterns <= ContentFilterPlan.patternsMax
        else { return (nil, [ContentFilterElementResult(statusCode: .badQueryTooComplex)]) }
        var elements: [ContentFilterPlan.Element] = []
        var results: [ContentFilterElementResult] = []
        for (index, element) in filter.elements.enumerated() {
            let (checked, result) = check(element, at: index)
            if let checked { elements.append(checked) }
            results.append(result)
        }
        return (elements.count == results.count ? ContentFilterPlan(elements: elements) : nil, results)
    }

    private func check(
        _ element: ContentFilterElement, at index: Int
    ) -> (ContentFilterPlan.Element?, ContentFilterElementResult) {
        guard (0...17).contains(element.filterOperator.rawValue) else {
            return (nil, ContentFilterElementResult(statusCode: .badFilterOperatorInvalid))
        }
        guard let counts = Operation.operandCount(element.filterOperator) else {
            return (nil, ContentFilterElementResult(statusCode: .badFilterOperatorUnsupported))
        }
        guard counts.contains(element.filterOperands.count) else {
            return (nil, ContentFilterElementResult(statusCode: .badFilterOperandCountMismatch))
        }
        var statuses: [StatusCode] = []
        var operands: [ContentFilterPlan.Operand] = []
        for operand in element.filterOperands {
            do throws(StatusError) {
                operands.append(try check(operand, of: element.filterOperator, at: index))
                statuses.append(.good)
            } catch {
                statuses.append(error.status)
            }
        }
        guard operands.count == statuses.count else {
            return (
                nil,
                ContentFilterElementResult(statusCode: .badFilterOperandInvalid, operandStatusCodes: statuses)
            )
        }
        return (
            ContentFilterPlan.Element(filterOperator: element.filterOperator, operands: operands),
            ContentFilterElementResult(operandStatusCodes: statuses)
        )
    }

    private func check(
        _ operand: ExtensionObject, of filterOperator: FilterOperator, at index: Int
    ) throws(StatusError) -> ContentFilterPlan.Operand {
        if let element = operand.value(as: ElementOperand.self) {
            // Only forwards: so no element can come back to itself.
            guard element.index > index, element.index < filter.elements.count else {
                throw StatusError(.badFilterOperandInvalid)
            }
            return .element(Int(element.index))
        }
        if let literal = operand.value(as: LiteralOperand.self) {
            try check(literal.value, of: filterOperator)
            return .literal(literal.value)
        }
        if let field = operand.value(as: SimpleAttributeOperand.self) {
            return .field(try FieldSelector(field, types: types))
        }
        // AttributeOperands are for queries.
        throw StatusError(.badFilterOperandInvalid)
    }

    private func check(_ literal: Variant, of filterOperator: FilterOperator) throws(StatusError) {
        guard filterOperator == .ofType else { return }
        guard let type = literal.value(as: NodeId.self) else { throw StatusError(.badFilterLiteralInvalid) }
        guard types.isEventType(type) else { throw StatusError(.badNodeIdUnknown) }
    }
}
