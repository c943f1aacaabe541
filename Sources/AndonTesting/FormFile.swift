import Foundation

/// A file in a `multipart/form-data` body, as a stand-in's strict server reads it.
struct FormFile {
    var field: String
    var name: String
    var mediaType: String
    var bytes: [UInt8]

    /// The plain fields before the file.
    var fields: [String: String] = [:]

    /// Nil when the body is not what its content type says, or holds no file.
    init?(_ request: StandInRequest) {
        guard let type = request[header: "content-type"], type.hasPrefix("multipart/form-data"),
            let mark = type.range(of: "boundary=")
        else { return nil }
        let boundary = Array("--\(type[mark.upperBound...].replacing("\"", with: ""))".utf8)
        var found: (field: String, name: String, type: String, bytes: [UInt8])?
        var plain: [String: String] = [:]
        let parts = Self.split(request.body, at: boundary)
        guard parts.count >= 3, parts.last?.starts(with: Array("--".utf8)) == true else { return nil }
        for part in parts.dropFirst().dropLast() {
            let text = Array("\r\n\r\n".utf8)
            guard let end = Self.index(of: text, in: part) else { return nil }
            let head = String(decoding: part[..<end], as: UTF8.self)
            let body = Array(part[(end + 4)...].dropLast(2))
            guard let field = head.firstMatch(of: /name="([^"]*)"/).map({ String($0.1) }) else { return nil }
            if let name = head.firstMatch(of: /filename="([^"]*)"/).map({ String($0.1) }) {
                let type = head.firstMatch(of: /(?i)content-type: *([^\r\n]+)/).map { String($0.1) } ?? ""
                found = (field, name, type, body)
            } else {
                plain[field] = String(decoding: body, as: UTF8.self)
            }
        }
        guard let found else { return nil }
        (field, name, mediaType, bytes) = (found.field, found.name, found.type, found.bytes)
        fields = plain
    }

    private static func split(_ body: [UInt8], at boundary: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var rest = body[...]
        while let at = index(of: boundary, in: rest) {
            parts.append(rest[..<at])
            rest = rest[(at + boundary.count)...]
        }
        return parts + [rest]
    }

    private static func index(of needle: [UInt8], in hay: ArraySlice<UInt8>) -> Int? {
        guard let first = needle.first, hay.count >= needle.count else { return nil }
        var at = hay.startIndex
        while at + needle.count <= hay.endIndex {
            if hay[at] == first, hay[at..<(at + needle.count)].elementsEqual(needle) { return at }
            at += 1
        }
        return nil
    }
}
