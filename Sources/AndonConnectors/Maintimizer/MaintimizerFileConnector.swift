import AndonModel
import Foundation

/// MaintiMizer by file exchange: a work request is a file that the site's import takes, and what became of it comes back
/// in the site's own export.
struct MaintimizerFileConnector: Connector {
    private let configuration: MaintimizerConfiguration
    private let export: MaintimizerExport

    init(_ configuration: MaintimizerConfiguration) {
        self.configuration = configuration
        export = MaintimizerExport(configuration)
    }

    private var folder: DropFolder { configuration.folder }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MaintiMizer, by file exchange", takesOccurrences: false,
            hasAssetRegistry: configuration.equipmentFile != nil, cancels: false,
            longTextMax: configuration.fields.proseMax("Details"))
    }

    var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, let picture): return try await create(order, picture, wire)
        case .attach(let attachment, let file, let key):
            if case .nowhere = try await standing(key, wire) {
                throw .gone("the request \(key) is in none of the folders any more")
            }
            // The picture of the order itself went before its request.
            if let there = try await find(effect, over: wire).first { return there }
            let body = WireRequest.Body.file(path: file, bytes: attachment.picture.bytes)
            try await folder.write("in/\(attachment.fileName)", body, over: wire)
            return Receipt(remoteID: attachment.fileName)
        case .append: throw .refused("a request that was taken cannot be added to by files")
        }
    }

    /// Never a second file for a key that is under way or was taken; one that was rejected goes again, because a
    /// person has asked for it.
    private func create(
        _ order: WorkOrder, _ picture: String?, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        try await export.checkEquipment(of: order, over: wire)
        let request = MaintimizerRequest(order: order, configuration: configuration)
        let image = picture == nil ? nil : request.image
        let cells = try request.cells(image: image)
        let key = order.reference.text
        switch try await standing(key, wire) {
        case .waiting, .taken: break
        case .nowhere, .rejected:
            if let picture, let image, let about = order.picture {
                try await folder.write("in/\(image)", .file(path: picture, bytes: about.bytes), over: wire)
            }
            try await folder.write("in/\(key).req.csv", .bytes(configuration.csv.file(cells)), over: wire)
        }
        if let receipt = try receipt(key, try await standing(key, wire), wire) { return receipt }
        throw .answerLost("the request \(key) was written and is in none of the folders")
    }

    // MARK: Finding

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _):
            let key = order.reference.text
            return try receipt(key, try await standing(key, wire), wire).map { [$0] } ?? []
        case .attach(let attachment, _, _):
            for place in ["in", "done"] {
                if try await folder.look("\(place)/\(attachment.fileName)", over: wire) != nil {
                    return [Receipt(remoteID: attachment.fileName)]
                }
            }
            return []
        case .append: return []
        }
    }

    private func standing(_ key: String, _ wire: any Wire) async throws(ConnectorError) -> DropFolder.Standing {
        try await folder.standing(
            of: "\(key).req.csv", inbox: "in/", acknowledgement: "ack/\(key).ack.csv", over: wire)
    }

    private func receipt(
        _ key: String, _ standing: DropFolder.Standing, _ wire: any Wire
    ) throws(ConnectorError) -> Receipt? {
        switch standing {
        case .nowhere: return nil
        case .taken(let bytes):
            let number = bytes.flatMap { configuration.csv.records($0).first?["WorkOrderNo"] } ?? ""
            return Receipt(remoteID: key, number: number.isEmpty ? key : number)
        case .rejected(let reason): throw .gone("the import rejected the request: \(reason)")
        case .waiting(let since): throw folder.waiting("in/\(key).req.csv", since: since, now: wire.now())
        }
    }

    func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        if let bytes = try await folder.read("in/\(attachment.fileName)", over: wire) { return bytes }
        return try await folder.read("done/\(attachment.fileName)", over: wire)
    }

    // MARK: Following

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        // A request that is nowhere is unknown: an administrator may have tidied the folders up.
        try await export.order(remoteID, over: wire)
            ?? RemoteOrder(remoteID: remoteID, reference: Reference(remoteID), state: .open, vendorState: "requested")
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await export.changes(after: cursor, over: wire)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await export.assets(over: wire)
    }
}
