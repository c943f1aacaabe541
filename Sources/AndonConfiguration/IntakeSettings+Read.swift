import AndonModel

extension IntakeSettings {
    init(reading reader: SettingsReader) {
        self.init()
        pictureBytesMax = reader.byteCount("pictureBytesMax", in: 1000...10_000_000_000) ?? pictureBytesMax
        picturePixelsMax = reader.integer("picturePixelsMax", in: 1...10_000_000_000) ?? picturePixelsMax
        bodyBytesMax = reader.byteCount("bodyBytesMax", in: 1000...100_000_000) ?? bodyBytesMax
        bodyTimeout = reader.duration("bodyTimeout", in: .seconds(1) ... .seconds(3600)) ?? bodyTimeout
        headTimeout = reader.duration("headTimeout", in: .seconds(1) ... .seconds(600)) ?? headTimeout
        defectsMax = reader.integer("defectsMax", in: 1...100_000) ?? defectsMax
        watchedFolder = reader.text("watchedFolder")
        unknownCamera = reader.choice("unknownCamera", default: unknownCamera)
        clockSkewMax = reader.duration("clockSkewMax", in: .zero ... .seconds(86_400)) ?? clockSkewMax
        lotLookup = reader.section("lotLookup").flatMap(LotLookup.init(reading:))
        reader.finish()
    }
}

extension IntakeSettings.LotLookup {
    init?(reading reader: SettingsReader) {
        let address = reader.webAddress(
            "url", example: "http://mes.plant.example/units/{unit}", isRequired: true, takesQuery: true)
        let pointer = reader.requiredText("lotPointer")
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
}
