import AndonModel

/// Our order in MP2's terms, whichever way it goes.
struct MP2Order {
    let order: WorkOrder
    let configuration: MP2Configuration

    /// Ten characters: the prefix, and the end of our reference.
    var number: String { Self.number(order.reference, configuration) }

    static func number(_ reference: Reference, _ configuration: MP2Configuration) -> String {
        configuration.numberPrefix + reference.text.suffix(10 - configuration.numberPrefix.utf8.count)
    }

    var workType: String { order.orderType ?? configuration.workTypes[order.kind.rawValue] ?? "" }

    private var csv: CSVText {
        var csv = CSVText()
        csv.encoding = configuration.encoding
        return csv
    }

    /// Columns of the head, and those of the equipment's row by their own names.
    struct Columns {
        var head: [(String, JSON)]
        var listed: [(String, JSON)]
    }

    func columns() throws(ConnectorError) -> Columns {
        var values = OrderText(order).fields.mapValues { csv.holdable($0.withoutControls) }
        values["workType"] = workType
        values["mp2Priority"] = configuration.priorities.word(for: order.priority)
        values["originator"] = configuration.originator
        let filled = try configuration.fields.filled(with: values).sorted { $0.key < $1.key }
        let mark = configuration.way.listTable + "."
        return Columns(
            head: filled.filter { !$0.key.contains(".") }.map { ($0.key, $0.value) },
            listed: filled.filter { $0.key.hasPrefix(mark) }.map { (String($0.key.dropFirst(mark.count)), $0.value) })
    }

    /// What the system itself calls the key of a text of ours: its first line.
    static let mark = "Ref: "

    /// The comments: whose they are, everything, and the line behind which people write.
    func comments(picture: String? = nil) -> String {
        let long =
            "\(Self.mark)\(order.reference)\n\(order.originTag ?? "AI vision detection")\n\(OrderText(order).longText)\n"
            + (picture.map { "Picture: \($0)\n" } ?? "") + "\(MP2Record.endLine)\n"
        return csv.holdable(long.withoutControls).replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
    }

    /// The key in the first line of a text of ours.
    static func reference(in comments: String?) -> Reference? {
        guard let comments, comments.hasPrefix(mark) else { return nil }
        return Reference(String(comments.dropFirst(mark.count).prefix(10)))
    }

    /// The plant's clock, in two halves: `2026-11-23` and `22:09:00`.
    var requested: (date: String, time: String) {
        let local = OrderText(order).plantTime(order.detectedAt)
        return (String(local.prefix(10)), String(local.suffix(8)))
    }
}

/// Pictures lie on a share, and MP2 links to them by the names that its Windows clients know.
struct MP2Share {
    /// Where it is mounted here.
    let path: String
    let uncPath: String

    func link(_ attachment: Attachment) -> String { "\(uncPath)\\\(attachment.fileName)" }

    private func address(_ attachment: Attachment) -> String { WebAddress.folder("\(path)/\(attachment.fileName)") }

    func put(_ attachment: Attachment, _ file: String, over wire: any Wire) async throws(ConnectorError) {
        try await DropFolder.write(
            address(attachment), .file(path: file, bytes: attachment.picture.bytes), over: wire)
    }

    func get(_ attachment: Attachment, over wire: any Wire) async throws(ConnectorError) -> [UInt8]? {
        let answer = try await DropFolder.exchange(WireRequest("GET", address(attachment)), over: wire)
        return answer.status == 200 ? answer.body : nil
    }

    func holds(_ attachment: Attachment, over wire: any Wire) async throws(ConnectorError) -> Bool {
        try await DropFolder.exchange(WireRequest("HEAD", address(attachment)), over: wire).status == 200
    }
}
