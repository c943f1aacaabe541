import AndonModel
import Foundation

/// What an S3 server says in XML: why it refuses, and what it has. Flat documents of a few known elements, so their texts are
/// looked for by name; nothing else of XML is understood, and nothing is expanded.
public enum S3Answer {
    /// A server's word for a refusal (`NoSuchBucket`), and its sentence.
    public struct Refusal: Sendable, Equatable {
        public var code: String
        public var message: String
    }

    /// A list of at most a thousand objects has less than this.
    public static let bytesMax = 4 << 20
    static let entriesMax = 1000

    public static func refusal(_ body: [UInt8]) -> Refusal? {
        guard body.count <= bytesMax else { return nil }
        let text = Substring(decoding: body.prefix(64 << 10), as: UTF8.self)
        guard let code = content("Code", in: text), !code.isEmpty else { return nil }
        return Refusal(
            code: String(code.prefix(100)), message: String((content("Message", in: text) ?? "").prefix(400)))
    }

    /// One page of ListObjectsV2.
    ///
    /// - Returns: nil when it is none.
    public static func list(_ body: [UInt8]) -> (objects: [(key: String, bytes: Int, at: Timestamp?)], isCut: Bool)? {
        guard body.count <= bytesMax else { return nil }
        var rest = Substring(decoding: body, as: UTF8.self)
        guard rest.contains("<ListBucketResult") else { return nil }
        let isCut = content("IsTruncated", in: rest) == "true"
        var objects: [(key: String, bytes: Int, at: Timestamp?)] = []
        while let begin = rest.range(of: "<Contents>"), let end = rest.range(of: "</Contents>"),
            begin.upperBound <= end.lowerBound
        {
            let entry = rest[begin.upperBound..<end.lowerBound]
            guard let key = content("Key", in: entry), let bytes = content("Size", in: entry).flatMap({ Int($0) }),
                bytes >= 0, objects.count < entriesMax
            else { return nil }
            objects.append((key, bytes, content("LastModified", in: entry).flatMap { Timestamp($0) }))
            rest = rest[end.upperBound...]
        }
        return (objects, isCut)
    }

    private static func content(_ name: String, in text: Substring) -> String? {
        guard let begin = text.range(of: "<\(name)>"),
            let end = text[begin.upperBound...].range(of: "</\(name)>")
        else { return nil }
        return plain(text[begin.upperBound..<end.lowerBound])
    }

    /// Without the five entities that XML knows by itself, and numbered ones.
    private static func plain(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var plain = ""
        var rest = text
        while let sign = rest.firstIndex(of: "&") {
            plain += rest[..<sign]
            rest = rest[sign...]
            guard let end = rest.prefix(12).firstIndex(of: ";"),
                let character = character(rest[rest.index(after: sign)..<end])
            else {
                plain.append("&")
                rest = rest.dropFirst()
                continue
            }
            plain.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return plain + rest
    }

    private static func character(_ name: Substring) -> Character? {
        let known: [Substring: Character] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let character = known[name] { return character }
        guard name.hasPrefix("#") else { return nil }
        let isHex = name.hasPrefix("#x")
        return UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10).flatMap(Unicode.Scalar.init).map {
            Character($0)
        }
    }
}
