import AndonModel

/// MaintiMizer by mail: a work request is a message to the planner's box. Nothing can be asked of a mailbox: what was
/// sent is not confirmed until the site's export, where there is one, has it.
struct MaintimizerMailConnector: Connector {
    private let configuration: MaintimizerConfiguration
    private let export: MaintimizerExport

    init(_ configuration: MaintimizerConfiguration) {
        self.configuration = configuration
        export = MaintimizerExport(configuration)
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MaintiMizer, by mail", isSearchable: false, takesAttachments: false, takesOccurrences: false,
            hasAssetRegistry: configuration.equipmentFile != nil, cancels: false)
    }

    var mapping: [MappedField] { configuration.fields.shown }

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        guard case .create(let order, let picture) = effect else {
            throw .refused("a request that was mailed cannot be added to")
        }
        try await export.checkEquipment(of: order, over: wire)
        let message = try message(order, picture, at: wire.now())
        do throws(ConnectorError) {
            try await configuration.mail.send(message, over: wire)
        } catch .answerLost(let reason) where configuration.mailsAgain {
            // The same Message-ID goes again: a mail system that drops doubles has one, and a planner sees one key.
            throw .busy(after: nil, "the relay's answer was lost, the message goes again: \(reason)")
        }
        return Receipt(remoteID: order.reference.text, number: order.reference.text)
    }

    private func message(
        _ order: WorkOrder, _ picture: String?, at now: Timestamp
    ) throws(ConnectorError) -> MailMessage {
        let request = MaintimizerRequest(order: order, configuration: configuration)
        let image = picture == nil ? nil : request.image
        let cells = Dictionary(
            try request.cells(image: image).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let lines = Self.lines.compactMap { title, column in
            cells[column].flatMap { $0.isEmpty ? nil : "\(title): \($0)" }
        }
        let domain = configuration.mail.from.split(separator: "@").last.map(String.init) ?? "andon"
        var message = MailMessage(
            from: configuration.mail.from, to: configuration.mail.to,
            subject: "[\(configuration.requestedBy)] \(order.className) at \(order.place.asset), "
                + "priority \(cells["Priority"] ?? "")",
            id: "\(order.reference)@andon.\(domain)", date: now,
            text: (lines + ["", cells["Details"] ?? ""]).joined(separator: "\n"))
        if let picture, let image, let about = order.picture {
            message.files = [
                MailMessage.File(name: image, type: about.mediaType.rawValue, path: picture, bytes: about.bytes)
            ]
        }
        return message
    }

    private static let lines = [
        ("Request key", "RequestKey"), ("Equipment", "EquipmentID"), ("Location", "Location"),
        ("Priority", "Priority"), ("Type", "Type"), ("Defect class", "Problem"), ("Description", "Description"),
        ("Detected on", "RequestDate"), ("Detected at", "RequestTime"), ("Requested by", "RequestedBy"),
    ]

    /// Nothing can be looked for in somebody's mailbox; what can be shown is that the relay is there.
    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        try await configuration.mail.greet(over: wire)
        return []
    }

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await export.order(remoteID, over: wire)
            ?? RemoteOrder(
                remoteID: remoteID, reference: Reference(remoteID), state: .open, vendorState: "mailed, not confirmed")
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await export.changes(after: cursor, over: wire)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await export.assets(over: wire)
    }
}
