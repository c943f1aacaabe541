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
        var end: [UInt8] = []
        end.reserveCapacity(kind.count + subject.count + 64)
        end.append(contentsOf: #","index":"#.utf8)
        end.append(contentsOf: String(index).utf8)
        end.append(contentsOf: #","kind":"#.utf8)
        appendText(kind, to: &end)
        end.append(contentsOf: #","subject":"#.utf8)
        appendText(subject, to: &end)
        end.append(UInt8(ascii: "}"))
        guard entry.count >= end.count else { return false }
        return end.withUnsafeBytes { expected in
            guard let left = entry.baseAddress, let right = expected.baseAddress else { return false }
            return memcmp(left + (entry.count - expected.count), right, expected.count) == 0
        }
    }

    private static func appendText(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        let isPlain = text.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard isPlain else {
            bytes.append(contentsOf: JSON.string(String(decoding: text, as: UTF8.self)).canonicalBytes)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    private static let mark = Array("\"\(Commitment.member)\":\"".utf8)

    /// Whether the entry may hold a commitment.
    static func holdsCommitment(_ entry: UnsafeRawBufferPointer) -> Bool {
        // The S of saltedSha256 is rarer in an entry than a quote is.
        ByteSearch.contains(entry, mark, pivot: 7)
    }
}

enum ByteSearch {
    /// Whether `needle` stands in the bytes; its byte at `pivot` is looked for first.
    static func contains(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8], pivot: Int) -> Bool {
        guard let start = bytes.baseAddress, bytes.count >= needle.count else { return false }
        var place = pivot
        let last = bytes.count - needle.count + pivot
        while place <= last, let found = memchr(start + place, Int32(needle[pivot]), last - place + 1) {
            let offset = UnsafeRawPointer(found) - start
            if memcmp(start + (offset - pivot), needle, needle.count) == 0 { return true }
            place = offset + 1
        }
        return false
    }
}
