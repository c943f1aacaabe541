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

    /// As browsers escape names in a form (HTML, "multipart form data").
    private static func quoted(_ text: String) -> String {
        text.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }
}
