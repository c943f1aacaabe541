import AndonModel

/// Files at a notification, over the attachment service (API_CV_ATTACHMENT_SRV). Document management (DMS) and
/// generic object services (GOS) keep lists of their own; both are looked into.
struct SAPAttachments {
    let configuration: SAPConfiguration
    let client: SAPClient

    /// A file that lies there.
    struct Found {
        var row: JSON
        var object: String
        var key: String

        var receipt: Receipt {
            let id = ["DocumentInfoRecordDocNumber", "LogicalDocument", "ArchiveDocumentID", "FileName"].lazy
                .compactMap { SAPRecord.text(row[$0]) }.first
            return Receipt(remoteID: id ?? "")
        }
    }

    private var service: String { configuration.service("attachment") }

    /// The internal form of a number: 12 digits, although OData gives it without its zeros.
    static func key(_ number: String) -> String {
        guard number.allSatisfy(\.isNumber), number.count < 12 else { return number }
        return String(repeating: "0", count: 12 - number.count) + number
    }

    func add(
        _ attachment: Attachment, file: String, to number: String, over wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let made = try await client.post(
            service, "AttachmentContentSet",
            headers: [
                .init("content-type", attachment.picture.mediaType.rawValue), .init("slug", attachment.fileName),
                .init("businessobjecttypename", configuration.attachTo),
                .init("linkedsapobjectkey", Self.key(number)),
            ], body: .file(path: file, bytes: attachment.picture.bytes), over: wire)
        return Found(row: made, object: configuration.attachTo, key: Self.key(number)).receipt
    }

    /// By name and size: a file that was cut off on the way has the name alone.
    func find(
        _ attachment: Attachment, at number: String, over wire: any Wire
    ) async throws(ConnectorError) -> [Found] {
        var found: [Found] = []
        for object in [configuration.attachTo, configuration.attachToElse] where !object.isEmpty {
            let rows = try await client.rows(
                service, "GetAllOriginals",
                query: [
                    ("BusinessObjectTypeName", SAPClient.literal(object)),
                    ("LinkedSAPObjectKey", SAPClient.literal(Self.key(number))),
                ], over: wire)
            found += rows.filter {
                $0["FileName"]?.string == attachment.fileName
                    && SAPRecord.number($0["FileSize"]) == Double(attachment.picture.bytes)
            }.map { Found(row: $0, object: object, key: Self.key(number)) }
        }
        return found
    }

    private static let keys = [
        "DocumentInfoRecordDocType", "DocumentInfoRecordDocNumber", "DocumentInfoRecordDocPart",
        "DocumentInfoRecordDocVersion", "LogicalDocument", "ArchiveDocumentID",
    ]

    func bytes(
        of attachment: Attachment, at number: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let found = try await find(attachment, at: number, over: wire).first else { return nil }
        var key = Self.keys.map { ($0, found.row[$0]?.string ?? "") }
        key += [("LinkedSAPObjectKey", found.key), ("BusinessObjectTypeName", found.object)]
        let text = key.map { "\($0.0)='\(WebAddress.encoded($0.1))'" }.joined(separator: ",")
        return try await client.bytes(service, "AttachmentContentSet(\(text))/$value", over: wire)
    }
}
