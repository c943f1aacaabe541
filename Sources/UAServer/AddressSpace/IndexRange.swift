import UACodec

/// A part of an array, a matrix, a String or a ByteString (NumericRange: Part 4, 7.27): `2`, `2:5`, or one of them for
/// each dimension, `0:1,3`.
public struct IndexRange: Hashable, Sendable {
    /// Positions of each dimension, the last one included.
    public let dimensions: [ClosedRange<Int>]

    /// No array has more.
    private static let dimensionsMax = 8

    /// - Returns: nil for text that is no range.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.dimensionsMax else { return nil }
        var dimensions: [ClosedRange<Int>] = []
        for part in parts {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = Self.number(ends[0]) else { return nil }
            guard ends.count == 2 else {
                dimensions.append(first...first)
                continue
            }
            guard let last = Self.number(ends[1]), last > first else { return nil }
            dimensions.append(first...last)
        }
        self.dimensions = dimensions
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }), let number = UInt32(text) else { return nil }
        return Int(number)
    }

    // MARK: Reading

    /// What the range names of a value; nil where that is nothing (Bad_IndexRangeNoData). A range that goes beyond the
    /// end gives what there is.
    public func select(from value: Variant) -> Variant? {
        switch value {
        case .null: nil
        case .scalar(let scalar): dimensions.count == 1 ? part(of: scalar, dimensions[0]) : nil
        case .array(let elements): select(from: elements, [elements.count], isMatrix: false)
        case .matrix(let elements, let sizes): select(from: elements, sizes.map { Int($0) }, isMatrix: true)
        }
    }

    private func part(of scalar: Variant.Scalar, _ range: ClosedRange<Int>) -> Variant? {
        switch scalar {
        case .string(let text?):
            let characters = Array(text.unicodeScalars)
            guard let some = range.within(characters.count) else { return nil }
            var part = String.UnicodeScalarView()
            part.append(contentsOf: characters[some])
            return Variant(String(part))
        case .byteString(let bytes?):
            return range.within(bytes.bytes.count).map { Variant(ByteString(bytes.bytes[$0])) }
        default: return nil
        }
    }

    private func select(from elements: Variant.Elements, _ sizes: [Int], isMatrix: Bool) -> Variant? {
        // One dimension more than the array has names parts of its Strings and ByteStrings.
        guard dimensions.count == sizes.count || dimensions.count == sizes.count + 1 else { return nil }
        var picked: [Range<Int>] = []
        for (range, size) in zip(dimensions, sizes) {
            guard let some = range.within(size) else { return nil }
            picked.append(some)
        }
        var chosen = elements[Self.places(picked, sizes)]
        if dimensions.count > sizes.count, let last = dimensions.last {
            guard let parts = parts(of: chosen, last) else { return nil }
            chosen = parts
        }
        return isMatrix ? .matrix(chosen, dimensions: picked.map { Int32($0.count) }) : .array(chosen)
    }

    private func parts(of elements: Variant.Elements, _ range: ClosedRange<Int>) -> Variant.Elements? {
        switch elements {
        case .string:
            .string((0..<elements.count).map { part(of: elements[$0], range)?.value(as: String.self) ?? nil })
        case .byteString:
            .byteString((0..<elements.count).map { part(of: elements[$0], range)?.value(as: ByteString.self) ?? nil })
        default: nil
        }
    }

    /// Positions in an array that holds row after row.
    private static func places(_ picked: [Range<Int>], _ sizes: [Int]) -> [Int] {
        zip(picked, sizes).reduce([0]) { places, dimension in
            places.flatMap { base in dimension.0.map { base * dimension.1 + $0 } }
        }
    }

    // MARK: Writing

    /// The value with its named part replaced; nil where the part does not fit (Bad_IndexRangeNoData).
    public func replace(in value: Variant, by part: Variant) -> Variant? {
        switch value {
        case .scalar(.byteString(let bytes?)):
            guard case .scalar(.byteString(let new?)) = part, let range = exactly(bytes.bytes.count),
                range.count == new.bytes.count
            else { return nil }
            var changed = bytes.bytes
            changed.replaceSubrange(range, with: new.bytes)
            return Variant(ByteString(changed))
        case .scalar(.string(let text?)):
            guard case .scalar(.string(let new?)) = part, let range = exactly(text.unicodeScalars.count),
                range.count == new.unicodeScalars.count
            else { return nil }
            var characters = Array(text.unicodeScalars)
            characters.replaceSubrange(range, with: new.unicodeScalars)
            var changed = String.UnicodeScalarView()
            changed.append(contentsOf: characters)
            return Variant(String(changed))
        case .array(let elements): return replace(in: elements, [elements.count], by: part, isMatrix: false)
        case .matrix(let elements, let sizes):
            return replace(in: elements, sizes.map { Int($0) }, by: part, isMatrix: true)
        default: return nil
        }
    }

    private func exactly(_ count: Int) -> Range<Int>? {
        guard dimensions.count == 1, dimensions[0].upperBound < count else { return nil }
        return Range(dimensions[0])
    }

    private func replace(
        in elements: Variant.Elements, _ sizes: [Int], by part: Variant, isMatrix: Bool
    ) -> Variant? {
        guard dimensions.count == sizes.count, zip(dimensions, sizes).allSatisfy({ $0.upperBound < $1 }),
            let new = part.elements
        else { return nil }
        let places = Self.places(dimensions.map { Range($0) }, sizes)
        guard let changed = elements.replacing(places, with: new) else { return nil }
        return isMatrix ? .matrix(changed, dimensions: sizes.map { Int32($0) }) : .array(changed)
    }
}

extension ClosedRange<Int> {
    /// The positions that there are among `count`; nil for none.
    fileprivate func within(_ count: Int) -> Range<Int>? {
        lowerBound < count ? lowerBound..<Swift.min(upperBound + 1, count) : nil
    }
}
