import AndonModel
import Foundation
import Synchronization

/// MaintiMizer (Ashcom Technologies) by file exchange: a work request is a file that the site's import takes, and what
/// became of it comes back in the site's own export. This is a contract of ours, not an interface of MaintiMizer's.
public struct MaintimizerConnector: Connector {
    private let configuration: MaintimizerConfiguration
    private let equipment = Equipment()

    private final class Equipment: Sendable {
        let rows = Mutex<[[String: String]]>([])
    }

    public init(_ configuration: MaintimizerConfiguration) {
        self.configuration = configuration
    }

    private var folder: DropFolder { configuration.folder }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MaintiMizer, by file exchange", takesOccurrences: false,
            hasAssetRegistry: configuration.equipmentFile != nil, cancels: false,
            longTextMax: configuration.fields.proseMax("Details"))
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
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
        let cells = try await cells(of: order, picture, wire)
        let key = order.reference.text
        switch try await standing(key, wire) {
        case .waiting, .taken: break
        case .nowhere, .rejected:
            if let picture, let about = order.picture {
                let name = Self.image(of: order, about)
                try await folder.write("in/\(name)", .file(path: picture, bytes: about.bytes), over: wire)
            }
            try await folder.write("in/\(key).req.csv", .bytes(configuration.csv.file(cells)), over: wire)
        }
        if let receipt = try receipt(key, try await standing(key, wire), wire) { return receipt }
        throw .answerLost("the request \(key) was written and is in none of the folders")
    }

    private static func image(of order: WorkOrder, _ picture: Picture) -> String {
        Attachment(reference: order.reference, role: .original, picture: picture).fileName
    }

    private func cells(
        of order: WorkOrder, _ picture: String?, _ wire: any Wire
    ) async throws(ConnectorError) -> [(name: String, value: String)] {
        if order.place.assetKnown { try await checkEquipment(order.place.asset, wire) }
        let csv = configuration.csv
        let text = OrderText(order)
        var values = text.fields.mapValues { csv.holdable($0.withoutControls) }
        values["details"] = csv.holdable(
            "\(order.originTag ?? "AI vision detection")\n\(text.longText)".withoutControls
        ).replacing("\n", with: "\r\n").replacing("\r\r\n", with: "\r\n")
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        values["requestPriority"] = configuration.priorities.word(for: order.priority)
        values["requestType"] = order.orderType ?? configuration.types[order.kind.rawValue]
        values["requestedBy"] = configuration.requestedBy
        let local = text.plantTime(order.detectedAt)
        values["requestDate"] = ClockForm.text(local, configuration.dateForm)
        values["requestTime"] = ClockForm.text(local, configuration.timeForm)
        if picture != nil, let about = order.picture { values["image"] = Self.image(of: order, about) }
        let filled = try configuration.fields.filled(with: values)
        let names = MaintimizerConfiguration.columns + configuration.fields.fields.map(\.name)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.map { name in
            // The ellipsis of a cut is in code page 1252 too.
            (name, filled[name].flatMap { $0.string ?? $0.number.map(JSON.ecmaScriptText(of:)) } ?? "")
        }
    }

    private func checkEquipment(_ asset: String, _ wire: any Wire) async throws(ConnectorError) {
        guard configuration.equipmentFile != nil else { return }
        let rows = try await equipmentRows(wire)
        guard rows.isEmpty || rows.contains(where: { $0["EquipmentID"] == asset }) else {
            throw .refused("\"\(asset)\" is not in \(configuration.equipmentFile ?? ""); the request was not written")
        }
    }

    /// A list that suddenly has less than half of its rows is a broken export: the one before stays in use.
    private func equipmentRows(_ wire: any Wire) async throws(ConnectorError) -> [[String: String]] {
        guard let file = configuration.equipmentFile, let found = try await folder.settled(file, over: wire) else {
            return equipment.rows.withLock { $0 }
        }
        let rows = configuration.csv.records(found.bytes)
        return equipment.rows.withLock { held in
            if rows.count * 2 >= held.count { held = rows }
            return held
        }
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
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

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        if let bytes = try await folder.read("in/\(attachment.fileName)", over: wire) { return bytes }
        return try await folder.read("done/\(attachment.fileName)", over: wire)
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        if let found = try await folder.settled(configuration.completedFile, over: wire),
            let row = rows(found.bytes).first(where: { $0.key == remoteID })
        {
            return row.order
        }
        // A request that is nowhere is unknown: an administrator may have tidied the folders up.
        return RemoteOrder(remoteID: remoteID, reference: Reference(remoteID), state: .open, vendorState: "requested")
    }

    /// The export is written whole each time: one that did not change tells nothing.
    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        guard let found = try await folder.settled(configuration.completedFile, over: wire), found.mark != cursor else {
            return Changes(orders: [], cursor: cursor)
        }
        return Changes(orders: rows(found.bytes).compactMap(\.order), cursor: found.mark)
    }

    private func rows(_ bytes: [UInt8]) -> [MaintimizerRow] {
        configuration.csv.records(bytes).map { MaintimizerRow(cells: $0, configuration: configuration) }
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let rows = try await equipmentRows(wire)
        return AssetPage(
            assets: rows.compactMap { row in
                guard let id = row["EquipmentID"], !id.isEmpty else { return nil }
                return Asset(id: id, name: row["Description"].flatMap { $0.isEmpty ? nil : $0 })
            })
    }
}

/// A row of the site's export.
struct MaintimizerRow {
    let cells: [String: String]
    let configuration: MaintimizerConfiguration

    var key: String? { text("RequestKey") }

    /// Nil for a key that is not ours, and for a status that no table has: the last state stays.
    var order: RemoteOrder? {
        guard let key, let reference = Reference(key), let status = text("Status"),
            let state = configuration.states[status.uppercased()]
        else { return nil }
        let hours = text("LaborHours").flatMap(number)
        let closure = Closure(
            technician: text("Technician"), closedAt: state.isEnded ? completedAt : nil, labourHours: hours,
            parts: parts,
            causeCode: text("CauseCode"), notes: text("Resolution"))
        let isTold = state.isEnded || hours != nil || closure.notes != nil
        return RemoteOrder(
            remoteID: key, reference: reference, state: state, vendorState: status, closure: isTold ? closure : nil,
            changedAt: completedAt)
    }

    private func text(_ name: String) -> String? {
        cells[name].map { $0.trimmingCharacters(in: .whitespaces) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func number(_ text: String) -> Double? {
        let plain = configuration.decimalComma ? text.replacing(",", with: ".") : text
        return Double(plain).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }

    /// `BRG-22 x 2; BELT-9 x 1`
    private var parts: [Closure.Part] {
        (text("Parts") ?? "").split(separator: ";").compactMap { entry in
            let entry = entry.trimmingCharacters(in: .whitespaces)
            guard let match = entry.wholeMatch(of: /(.+?)\s+x\s+([0-9.,]+)/), let quantity = number(String(match.2)),
                quantity > 0
            else { return entry.isEmpty ? nil : Closure.Part(code: entry, quantity: 1) }
            return Closure.Part(code: String(match.1), quantity: quantity)
        }
    }

    private var completedAt: Timestamp? {
        guard let date = text("CompletedDate").flatMap({ ClockForm.parts($0, configuration.dateForm) }),
            let year = date["Y"], let month = date["m"], let day = date["d"]
        else { return nil }
        let time = text("CompletedTime").flatMap { ClockForm.parts($0, configuration.timeForm) } ?? [:]
        func two(_ value: Int?) -> String { String(100 + (value ?? 0)).suffix(2).description }
        return configuration.clock.time(
            "\(year)-\(two(month))-\(two(day))T\(two(time["H"])):\(two(time["M"])):\(two(time["S"]))")
    }
}
