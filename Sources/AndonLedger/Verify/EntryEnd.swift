import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What can be told of an entry without parsing it.
///
/// The members of canonical JSON stand in alphabetical order, so an entry ends in its index, kind and subject. A quote
/// within a text has a backslash before it: the end that is compared cannot lie within one.
enum EntryEnd {
    static func matches(
        _ entry: UnsafeRawBufferPointer, index: Int64, kind: UnsafeRawBufferPointer, subject: UnsafeRawBufferPointer
    ) -> Bool {
        guard isPlain(kind), isPlain(subject) else {
            return matchesEscaped(entry, index: index, kind: kind, subject: subject)
        }
        var left = Backward(entry)
        return left.takes("\"}") && left.takes(subject) && left.takes(#"","subject":""#) && left.takes(kind)
            && left.takes(#","kind":""#) && left.takes(decimal: index) && left.takes(#","index":"#)
    }

    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
        return true
    }

    /// The same for texts that JSON writes otherwise than they are.
    private static func matchesEscaped(
        _ entry: UnsafeRawBufferPointer, index: Int64, kind: UnsafeRawBufferPointer, subject: UnsafeRawBufferPointer
    ) -> Bool {
        func text(_ bytes: UnsafeRawBufferPointer) -> String {
            JSON.string(String(decoding: bytes, as: UTF8.self)).canonicalText
        }
        var end = #","index":\#(index),"kind":\#(text(kind)),"subject":\#(text(subject))}"#
        var left = Backward(entry)
        return end.withUTF8 { left.takes(UnsafeRawBufferPointer($0)) }
    }

    private static let mark = Array("\"\(Commitment.member)\":\"".utf8)

    /// Whether the entry may hold a commitment.
    static func holdsCommitment(_ entry: UnsafeRawBufferPointer) -> Bool {
        // The S of saltedSha256 is rarer in an entry than a quote is.
        ByteSearch.place(of: mark, in: entry, pivot: 7) != nil
    }
}

/// An entry as it is compared from its end on.
private struct Backward {
    private let start: UnsafeRawPointer?
    private var count: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        start = bytes.baseAddress
        count = bytes.count
    }

    private mutating func takes(_ bytes: UnsafeRawPointer?, _ length: Int) -> Bool {
        guard length > 0 else { return true }
        guard let start, let bytes, count >= length else { return false }
        count -= length
        return memcmp(start + count, bytes, length) == 0
    }

    mutating func takes(_ bytes: UnsafeRawBufferPointer) -> Bool { takes(bytes.baseAddress, bytes.count) }

    mutating func takes(_ text: StaticString) -> Bool { takes(text.utf8Start, text.utf8CodeUnitCount) }

    mutating func takes(decimal number: Int64) -> Bool {
        guard number >= 0 else { return false }
        var rest = number
        repeat {
            guard let start, count > 0 else { return false }
            count -= 1
            guard start.load(fromByteOffset: count, as: UInt8.self) == UInt8(ascii: "0") + UInt8(rest % 10) else {
                return false
            }
            rest /= 10
        } while rest > 0
        return true
    }
}

enum ByteSearch {
    /// Where `needle` first stands in the bytes; its byte at `pivot` is looked for first.
    static func place(of needle: [UInt8], in bytes: UnsafeRawBufferPointer, pivot: Int) -> Int? {
        guard let start = bytes.baseAddress, bytes.count >= needle.count else { return nil }
        var place = pivot
        let last = bytes.count - needle.count + pivot
        while place <= last, let found = memchr(start + place, Int32(needle[pivot]), last - place + 1) {
            let offset = UnsafeRawPointer(found) - start
            if memcmp(start + (offset - pivot), needle, needle.count) == 0 { return offset - pivot }
            place = offset + 1
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }

    func equals(_ text: StaticString) -> Bool {
        equals(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func begins(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return UnsafeRawBufferPointer(rebasing: self[..<text.utf8CodeUnitCount]).equals(text)
    }
}
