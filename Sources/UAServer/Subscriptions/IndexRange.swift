import UACodec

/// A part of an array, String or ByteString: `3` or `2:5` (Part 4, 7.27). Ranges of matrices are not supported.
struct IndexRange: Hashable, Sendable {
    let first: Int
    let last: Int

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else { return nil }
        let numbers = parts.compactMap { UInt32($0) }
        guard numbers.count == parts.count, numbers.count == 1 || numbers[0] < numbers[1] else { return nil }
        (first, last) = (Int(numbers[0]), Int(numbers[numbers.count - 1]))
    }

    /// Nil where the value has nothing there.
    func select(from value: Variant) -> Variant? {
        switch value {
        case .array(let elements):
            guard first < elements.count else { return nil }
            return .array(elements[clamped: first..<last + 1])
        case .scalar(.string(let text?)):
            let part = text.unicodeScalars.dropFirst(first).prefix(last - first + 1)
            return part.isEmpty ? nil : Variant(String(String.UnicodeScalarView(part)))
        case .scalar(.byteString(let bytes?)):
            let part = bytes.bytes.dropFirst(first).prefix(last - first + 1)
            return part.isEmpty ? nil : Variant(ByteString(part))
        default: return nil
        }
    }

    func select(from value: DataValue) -> DataValue {
        guard let whole = value.value else { return value }
        var part = value
        part.value = select(from: whole)
        if part.value == nil { part.status = .badIndexRangeNoData }
        return part
    }
}
