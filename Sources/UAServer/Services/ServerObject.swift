import UACodec

/// The values of the Server object, which clients read first (Part 5, 6.3 and 8.3).
enum ServerObject {
    static let running: Int32 = 0
    static let shutdown: Int32 = 4

    static func fill(_ space: AddressSpace, _ configuration: ServerCoreConfiguration, started: DateTime) {
        let build = BuildInfo(
            productUri: configuration.productUri, manufacturerName: configuration.manufacturer,
            productName: configuration.applicationName, softwareVersion: configuration.softwareVersion,
            buildNumber: configuration.softwareVersion, buildDate: started)
        let limits = configuration.services
        let codec = configuration.codec
        let values: [(UInt32, Variant)] = [
            (2254, Variant([configuration.applicationUri as String?])), (2255, Variant(space.namespaces)),
            (2257, Variant(started)), (2259, Variant(running)), (2260, Variant(ExtensionObject(build))),
            (2262, Variant(configuration.productUri)), (2263, Variant(configuration.manufacturer)),
            (2261, Variant(configuration.applicationName)), (2264, Variant(configuration.softwareVersion)),
            (2265, Variant(configuration.softwareVersion)), (2266, Variant(started)),
            (2992, Variant(UInt32(0))), (2993, Variant(LocalizedText.null)), (2267, Variant(UInt8(255))),
            (2994, Variant(true)), (2269, Variant(profiles)), (2271, Variant(["en" as String?])),
            (2272, Variant(Double(configuration.subscriptions.publishingIntervalMin))),
            (2735, Variant(UInt16(clamping: limits.continuationPoints))), (2736, Variant(UInt16(0))),
            (2737, Variant(UInt16(clamping: limits.continuationPoints))),
            (11702, Variant(UInt32(clamping: codec.arrayLength))),
            (11703, Variant(UInt32(clamping: codec.stringBytes))),
            (12911, Variant(UInt32(clamping: codec.byteStringBytes))),
            (11705, Variant(UInt32(clamping: limits.nodesPerRead))),
            (12165, Variant(UInt32(clamping: limits.historyReadsPerRequest))),
            (11707, Variant(UInt32(clamping: limits.nodesPerWrite))),
            (11709, Variant(UInt32(clamping: limits.callsPerRequest))),
            (11710, Variant(UInt32(clamping: limits.nodesPerBrowse))),
            (11711, Variant(UInt32(clamping: limits.nodesPerRegister))),
            (11712, Variant(UInt32(clamping: limits.nodesPerTranslate))), (11714, Variant(UInt32(1000))),
            (2294, Variant(false)), (3709, Variant(Int32(0))),
            (11193, Variant(true)), (11242, Variant(false)), (11273, Variant(UInt32(clamping: limits.historyValues))),
            (11274, Variant(UInt32(0))), (11196, Variant(false)), (11197, Variant(false)), (11198, Variant(false)),
            (11199, Variant(false)), (11200, Variant(false)), (11281, Variant(false)), (11282, Variant(false)),
            (11283, Variant(false)), (11502, Variant(false)), (11275, Variant(false)),
        ]
        for (number, value) in values where space.contains(NodeId(number)) { space.setStandardValue(value, of: number) }
        let time = space.time
        try? space.compute(NodeId(2258)) { DataValue(Variant(time()), sourceTimestamp: time()) }
        try? space.compute(NodeId(2256)) { [unowned space] in
            let state = space[NodeId(2259)]?.variable?.value.value?.value(as: Int32.self) ?? running
            let status = ServerStatusDataType(
                startTime: started, currentTime: time(), state: ServerState(rawValue: state), buildInfo: build,
                secondsTillShutdown: 0, shutdownReason: .null)
            return DataValue(Variant(ExtensionObject(status)), sourceTimestamp: time())
        }
    }

    /// What the server does, by name (Part 7); no laboratory has certified it.
    private static let profiles: [String?] = [
        "http://opcfoundation.org/UA-Profile/Server/EmbeddedUA2017",
        "http://opcfoundation.org/UA-Profile/Server/StandardEventSubscription",
        "http://opcfoundation.org/UA-Profile/Server/Methods", "http://opcfoundation.org/UA-Profile/Server/DataAccess",
        "http://opcfoundation.org/UA-Profile/Server/ACBaseCondition",
        "http://opcfoundation.org/UA-Profile/Server/ACAckBasedOnAddressSpaceModel",
        "http://opcfoundation.org/UA-Profile/Server/HistoricalRawData",
    ]
}
