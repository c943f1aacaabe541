import UACodec

extension Variant {
    /// The same value as another type, where nothing is lost: numbers that fit, text and numbers that say the same, text
    /// as LocalizedText; nil otherwise. A single value fits an argument of rank 1 as an array of one.
    ///
    /// - Parameters:
    ///   - type: `.variant` takes anything.
    ///   - rank: the argument's ValueRank (Part 3, 8.6): −1 single, 1 an array, −2 any, −3 single or array, 0 any array.
    func converted(to type: BuiltInType, rank: Int32) -> Variant? {
        switch self {
        case .null: return nil
        case .scalar(let scalar):
            guard let one = scalar.converted(to: type) else { return nil }
            guard rank >= 0 else { return one }
            guard rank <= 1, case .scalar(let element) = one else { return nil }
            return Variant.list([element], of: type)
        case .array(let elements):
            guard [-3, -2, 0, 1].contains(rank) else { return nil }
            if type == .variant || elements.type == type { return self }
            return Variant.converted(elements, to: type)
        case .matrix(let elements, let dimensions):
            guard rank == -2 || rank == 0 || Int(rank) == dimensions.count else { return nil }
            if type == .variant || elements.type == type { return self }
            guard case .array(let other) = Variant.converted(elements, to: type) else { return nil }
            return .matrix(other, dimensions: dimensions)
        }
    }

    private static func converted(_ elements: Elements, to type: BuiltInType) -> Variant? {
        var scalars: [Scalar] = []
        for index in 0..<elements.count {
            guard case .scalar(let scalar) = elements[index].converted(to: type) else { return nil }
            scalars.append(scalar)
        }
        return list(scalars, of: type)
    }

    /// An array of values that are all of that type; nil where one is not.
    private static func list(_ scalars: [Scalar], of type: BuiltInType) -> Variant? {
        // Single values of any type are Variants of their own in an array of Variants.
        if type == .variant { return Variant(scalars.map { Variant.scalar($0) }) }
        return Elements(scalars, of: type).map { .array($0) }
    }
}

extension Variant.Scalar {
    func converted(to type: BuiltInType) -> Variant? {
        let whole = Variant.scalar(self)
        if self.type == type || type == .variant { return whole }
        return switch type {
        case .sbyte, .byte, .int16, .uint16, .int32, .uint32, .int64, .uint64: integer(as: type)
        case .float, .double: floatingPoint(as: type)
        case .string: words.map { Variant($0) }
        case .localizedText: text.map { Variant(LocalizedText($0)) }
        case .boolean: text.flatMap { ["true": true, "false": false][$0.lowercased()] }.map { Variant($0) }
        case .nodeId: text.flatMap { NodeId($0) }.map { Variant($0) }
        case .guid: text.flatMap { Guid($0) }.map { Variant($0) }
        default: nil
        }
    }

    private func integer(as type: BuiltInType) -> Variant? {
        func exactly<Value: FixedWidthInteger & VariantValue>(_ type: Value.Type) -> Variant? {
            let value: Value? =
                switch self {
                case .uint64(let number): Value(exactly: number)
                case .float(let number): Value(exactly: number)
                case .double(let number): Value(exactly: number)
                case .string(let text): text.flatMap { Value($0) }
                default: Variant.scalar(self).integer.flatMap { Value(exactly: $0) }
                }
            return value.map { Variant($0) }
        }
        return switch type {
        case .sbyte: exactly(Int8.self)
        case .byte: exactly(UInt8.self)
        case .int16: exactly(Int16.self)
        case .uint16: exactly(UInt16.self)
        case .int32: exactly(Int32.self)
        case .uint32: exactly(UInt32.self)
        case .int64: exactly(Int64.self)
        default: exactly(UInt64.self)
        }
    }

    /// A Double becomes the nearest Float; an integer must be kept to its last digit.
    private func floatingPoint(as type: BuiltInType) -> Variant? {
        let number: Double? =
            switch self {
            case .float, .double: Variant.scalar(self).number
            case .string(let text): text.flatMap { Double($0) }
            case .uint64(let value): Double(exactly: value)
            default: Variant.scalar(self).integer.flatMap { Double(exactly: $0) }
            }
        guard let number else { return nil }
        guard type == .float else { return Variant(number) }
        let float = Float(number)
        guard float.isFinite || !number.isFinite else { return nil }
        return Variant(float)
    }

    private var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// What a person would write for the value.
    private var words: String? {
        switch self {
        case .localizedText(let text): text.text
        case .boolean(let value): "\(value)"
        case .float(let value): "\(value)"
        case .double(let value): "\(value)"
        case .uint64(let value): "\(value)"
        case .dateTime(let time): "\(time)"
        case .guid(let guid): "\(guid)"
        case .nodeId(let id): "\(id)"
        default: Variant.scalar(self).integer.map { "\($0)" }
        }
    }
}
