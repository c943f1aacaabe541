import AndonModel

/// Bodies of forms.
enum FormBody {
    /// A `multipart/form-data` body (RFC 7578) with one file, streamed from the disk, and plain fields before it.
    ///
    /// - Parameter boundary: must not occur in the file: its own SHA-256 cannot be in it but by design.
    static func multipart(
        fields: [(String, String)] = [], file field: String, named fileName: String, mediaType: String, path: String,
        bytes: Int, boundary digest: String
    ) -> (contentType: String, body: WireRequest.Body) {
        let boundary = "andon-\(digest.prefix(40))"
        var head = ""
        for (name, value) in fields {
            head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quoted(name))\"\r\n\r\n\(value)\r\n"
        }
        head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quoted(field))\"; "
        head += "filename=\"\(quoted(fileName))\"\r\nContent-Type: \(mediaType)\r\n\r\n"
        return (
            "multipart/form-data; boundary=\(boundary)",
            .parts([
                .bytes(Array(head.utf8)), .file(path: path, bytes: bytes),
                .bytes(Array("\r\n--\(boundary)--\r\n".utf8)),
            ])
        )
    }

    /// What stands in a JSON value for a file's bytes until they are streamed: no text of an order holds it.
    static let fileMark = "\u{1}file\u{1}"

    /// A JSON text with the file's bytes in base64 where the mark stands, streamed from the disk; the text alone where
    /// it stands nowhere.
    static func json(_ value: JSON, path: String, bytes count: Int) -> WireRequest.Body {
        let text = value.canonicalBytes
        let mark = JSON.string(fileMark).canonicalBytes
        guard let range = text.firstRange(of: mark) else { return .bytes(text) }
        let quote = [UInt8(ascii: "\"")]
        return .parts([
            .bytes(Array(text[..<range.lowerBound]) + quote), .base64(path: path, bytes: count),
            .bytes(quote + Array(text[range.upperBound...])),
        ])
    }

    /// As browsers escape names in a form (HTML, "multipart form data").
    private static func quoted(_ text: String) -> String {
        text.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }
}
