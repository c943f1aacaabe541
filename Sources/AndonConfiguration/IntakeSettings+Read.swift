import AndonModel

extension IntakeSettings {
    init(reading reader: SettingsReader) {
        self.init()
        pictureBytesMax = reader.byteCount("pictureBytesMax", in: 1000...10_000_000_000) ?? pictureBytesMax
        picturePixelsMax = reader.integer("picturePixelsMax", in: 1...10_000_000_000) ?? picturePixelsMax
        bodyBytesMax = reader.byteCount("bodyBytesMax", in: 1000...100_000_000) ?? bodyBytesMax
        underWayMax = reader.integer("underWayMax", in: 1...100_000) ?? underWayMax
        underWayBytesMax = room("underWayBytesMax", reader)
        arrivingBytesMax = room("arrivingBytesMax", reader)
        bodyTimeout = reader.duration("bodyTimeout", in: .seconds(1) ... .seconds(3600)) ?? bodyTimeout
        headTimeout = reader.duration("headTimeout", in: .seconds(1) ... .seconds(600)) ?? headTimeout
        defectsMax = reader.integer("defectsMax", in: 1...100_000) ?? defectsMax
        watchedFolder = reader.text("watchedFolder")
        unknownCamera = reader.choice("unknownCamera", default: unknownCamera)
        clockSkewMax = reader.duration("clockSkewMax", in: .zero ... .seconds(86_400)) ?? clockSkewMax
        deadline = reader.duration("deadline", in: .milliseconds(1) ... .seconds(86_400))
        network = reader.duration("network", in: .zero ... .seconds(600)) ?? network
        lotLookup = reader.section("lotLookup").flatMap(LotLookup.init(reading:))
        reader.finish()
    }

    /// Room for less than one body would let in nobody who brings it.
    private func room(_ key: String, _ reader: SettingsReader) -> Int? {
        guard let bytes = reader.byteCount(key), let node = reader.raw(key) else { return nil }
        if bytes < eventBytesMax {
            reader.faults.add(
                "should be \(eventBytesMax) or more, as one report with its picture in it may have so many bytes "
                    + "(bodyBytesMax, pictureBytesMax); found \(node.kindName)", at: node)
        }
        return bytes
    }
}

extension IntakeSettings.LotLookup {
    init?(reading reader: SettingsReader) {
        let written = if case .scalar(let text, _)? = reader.raw("url")?.value { text } else { "" }
        let isTag = written.hasPrefix("opc.tcp://")
        let address =
            isTag
            ? Self.tag(written, reader)
            : reader.webAddress(
                "url", example: "http://mes.plant.example/units/{unit}", isRequired: true, takesQuery: true)
        let pointer = isTag ? reader.text("lotPointer", default: Self.tagPointer) : reader.requiredText("lotPointer")
        if let node = reader.raw("lotPointer"), !pointer.isEmpty, !pointer.hasPrefix("/") {
            reader.faults.add("should be a JSON Pointer like /lot, found \(node.kindName)", at: node)
        }
        let timeout = reader.duration("timeout", in: .milliseconds(1)...Self.timeoutMax)
        reader.finish()
        guard let address, let node = reader.raw("url") else { return nil }
        do {
            self.init(
                url: try Template(address, names: Self.placeholders), lotPointer: pointer,
                timeout: timeout ?? Self.timeoutMax)
        } catch {
            reader.faults.add(error.reason, at: node)
            return nil
        }
    }

    /// Where the value of a tag stands in the answer.
    private static let tagPointer = "/results/0/values/0/value"

    /// `opc.tcp://plc.plant.example:4840?node=nsu=urn:line;s=Lot`
    private static func tag(_ text: String, _ reader: SettingsReader) -> String? {
        let host = text.dropFirst("opc.tcp://".count).prefix { $0 != "?" }
        guard !host.isEmpty, host.first != "/", !host.contains("@"), text.contains("?node=") || text.contains("&node=")
        else {
            reader.faults.add(
                "should be an address like opc.tcp://plc.plant.example:4840?node=nsu=urn:line;s=Lot",
                at: reader.raw("url") ?? reader.node)
            return nil
        }
        return text
    }
}
