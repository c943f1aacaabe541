import AndonModel

/// What the headers of one part say (RFC 7578 section 4).
public struct PartHeaders: Hashable, Sendable {
    /// The form field's name.
    public var name: String
    /// The file's name as the sender says it: never a path to write to.
    public var fileName: String?
    /// As written, with its parameters. RFC 7578 section 4.4: without one the part is `text/plain`.
    public var contentType: String?

    public init(name: String, fileName: String? = nil, contentType: String? = nil) {
        self.name = name
        self.fileName = fileName
        self.contentType = contentType
    }

    /// Reads header lines up to and with the empty line; `part` counts from 1 and is for the error message.
    init(_ bytes: [UInt8], part: Int) throws(Problem) {
        var fields: [String: String] = [:]
        // A line that begins with a space goes on with the one before it (RFC 5322 section 2.2.3).
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n ", with: " ").replacing("\r\n\t", with: " ")
        for line in text.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw MultipartParser.refusal(
                    "A header line of part \(part) has no colon: \(String(line).quotedShort).")
            }
            let field = parts[0].lowercased()
            guard fields.updateValue(HeaderValue.trimmed(parts[1]), forKey: field) == nil else {
                throw MultipartParser.refusal("Part \(part) has the header \(field.quotedShort) twice; send it once.")
            }
        }
        let disposition = fields["content-disposition"].map(HeaderValue.init)
        guard let disposition, disposition.first.lowercased() == "form-data", let name = disposition.parameters["name"]
        else {
            throw MultipartParser.refusal(
                "Part \(part) has no header like Content-Disposition: form-data; name=\"picture\".")
        }
        if let coding = fields["content-transfer-encoding"]?.lowercased(), !["binary", "8bit", "7bit"].contains(coding)
        {
            throw MultipartParser.refusal(
                "Part \(part) has the transfer encoding \(coding.quotedShort); send its bytes as they are.")
        }
        self.name = name
        fileName = disposition.text("filename")
        contentType = fields["content-type"]
    }
}
