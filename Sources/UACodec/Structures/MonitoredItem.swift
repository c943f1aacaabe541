// Made by scripts/opcua/generate; change it or its table, not this file.

/// MonitoringMode: Part 4, 5.13. A number that has no name here is kept.
public struct MonitoringMode: Enumeration {
    public static let dataTypeId: UInt32 = 716
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let disabled = MonitoringMode(rawValue: 0)
    public static let sampling = MonitoringMode(rawValue: 1)
    public static let reporting = MonitoringMode(rawValue: 2)
}

/// MonitoringParameters: Part 4, 5.13.
public struct MonitoringParameters: Structure {
    public static let dataTypeId: UInt32 = 740
    public static let binaryEncodingId: UInt32 = 742
    public static let smallestByteCount = 20

    public var clientHandle: UInt32
    public var samplingInterval: Double
    public var filter: ExtensionObject
    public var queueSize: UInt32
    public var discardOldest: Bool

    public init(
        clientHandle: UInt32 = 0, samplingInterval: Double = 0, filter: ExtensionObject = .null, queueSize: UInt32 = 0,
        discardOldest: Bool = false
    ) {
        self.clientHandle = clientHandle
        self.samplingInterval = samplingInterval
        self.filter = filter
        self.queueSize = queueSize
        self.discardOldest = discardOldest
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        clientHandle = try reader.read()
        samplingInterval = try reader.read()
        filter = try reader.read()
        queueSize = try reader.read()
        discardOldest = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(clientHandle)
        writer.write(samplingInterval)
        writer.write(filter)
        writer.write(queueSize)
        writer.write(discardOldest)
    }
}

/// MonitoredItemCreateRequest: Part 4, 5.13.
public struct MonitoredItemCreateRequest: Structure {
    public static let dataTypeId: UInt32 = 743
    public static let binaryEncodingId: UInt32 = 745
    public static let smallestByteCount = 40

    public var itemToMonitor: ReadValueId
    public var monitoringMode: MonitoringMode
    public var requestedParameters: MonitoringParameters

    public init(
        itemToMonitor: ReadValueId = ReadValueId(), monitoringMode: MonitoringMode = MonitoringMode(rawValue: 0),
        requestedParameters: MonitoringParameters = MonitoringParameters()
    ) {
        self.itemToMonitor = itemToMonitor
        self.monitoringMode = monitoringMode
        self.requestedParameters = requestedParameters
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        itemToMonitor = try reader.read()
        monitoringMode = try reader.read()
        requestedParameters = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(itemToMonitor)
        writer.write(monitoringMode)
        writer.write(requestedParameters)
    }
}

/// MonitoredItemCreateResult: Part 4, 5.13.
public struct MonitoredItemCreateResult: Structure {
    public static let dataTypeId: UInt32 = 746
    public static let binaryEncodingId: UInt32 = 748
    public static let smallestByteCount = 23

    public var statusCode: StatusCode
    public var monitoredItemId: UInt32
    public var revisedSamplingInterval: Double
    public var revisedQueueSize: UInt32
    public var filterResult: ExtensionObject

    public init(
        statusCode: StatusCode = .good, monitoredItemId: UInt32 = 0, revisedSamplingInterval: Double = 0,
        revisedQueueSize: UInt32 = 0, filterResult: ExtensionObject = .null
    ) {
        self.statusCode = statusCode
        self.monitoredItemId = monitoredItemId
        self.revisedSamplingInterval = revisedSamplingInterval
        self.revisedQueueSize = revisedQueueSize
        self.filterResult = filterResult
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        monitoredItemId = try reader.read()
        revisedSamplingInterval = try reader.read()
        revisedQueueSize = try reader.read()
        filterResult = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(monitoredItemId)
        writer.write(revisedSamplingInterval)
        writer.write(revisedQueueSize)
        writer.write(filterResult)
    }
}

/// CreateMonitoredItemsRequest: Part 4, 5.13.
public struct CreateMonitoredItemsRequest: ServiceRequest {
    public typealias Response = CreateMonitoredItemsResponse

    public static let dataTypeId: UInt32 = 749
    public static let binaryEncodingId: UInt32 = 751
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var timestampsToReturn: TimestampsToReturn
    public var itemsToCreate: [MonitoredItemCreateRequest]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0,
        timestampsToReturn: TimestampsToReturn = TimestampsToReturn(rawValue: 0),
        itemsToCreate: [MonitoredItemCreateRequest] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.timestampsToReturn = timestampsToReturn
        self.itemsToCreate = itemsToCreate
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        timestampsToReturn = try reader.read()
        itemsToCreate = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(timestampsToReturn)
        writer.write(itemsToCreate)
    }
}

/// CreateMonitoredItemsResponse: Part 4, 5.13.
public struct CreateMonitoredItemsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 752
    public static let binaryEncodingId: UInt32 = 754
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [MonitoredItemCreateResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [MonitoredItemCreateResult] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}

/// MonitoredItemModifyRequest: Part 4, 5.13.
public struct MonitoredItemModifyRequest: Structure {
    public static let dataTypeId: UInt32 = 755
    public static let binaryEncodingId: UInt32 = 757
    public static let smallestByteCount = 24

    public var monitoredItemId: UInt32
    public var requestedParameters: MonitoringParameters

    public init(monitoredItemId: UInt32 = 0, requestedParameters: MonitoringParameters = MonitoringParameters()) {
        self.monitoredItemId = monitoredItemId
        self.requestedParameters = requestedParameters
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        monitoredItemId = try reader.read()
        requestedParameters = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(monitoredItemId)
        writer.write(requestedParameters)
    }
}

/// MonitoredItemModifyResult: Part 4, 5.13.
public struct MonitoredItemModifyResult: Structure {
    public static let dataTypeId: UInt32 = 758
    public static let binaryEncodingId: UInt32 = 760
    public static let smallestByteCount = 19

    public var statusCode: StatusCode
    public var revisedSamplingInterval: Double
    public var revisedQueueSize: UInt32
    public var filterResult: ExtensionObject

    public init(
        statusCode: StatusCode = .good, revisedSamplingInterval: Double = 0, revisedQueueSize: UInt32 = 0,
        filterResult: ExtensionObject = .null
    ) {
        self.statusCode = statusCode
        self.revisedSamplingInterval = revisedSamplingInterval
        self.revisedQueueSize = revisedQueueSize
        self.filterResult = filterResult
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        revisedSamplingInterval = try reader.read()
        revisedQueueSize = try reader.read()
        filterResult = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(revisedSamplingInterval)
        writer.write(revisedQueueSize)
        writer.write(filterResult)
    }
}

/// ModifyMonitoredItemsRequest: Part 4, 5.13.
public struct ModifyMonitoredItemsRequest: ServiceRequest {
    public typealias Response = ModifyMonitoredItemsResponse

    public static let dataTypeId: UInt32 = 761
    public static let binaryEncodingId: UInt32 = 763
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var timestampsToReturn: TimestampsToReturn
    public var itemsToModify: [MonitoredItemModifyRequest]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0,
        timestampsToReturn: TimestampsToReturn = TimestampsToReturn(rawValue: 0),
        itemsToModify: [MonitoredItemModifyRequest] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.timestampsToReturn = timestampsToReturn
        self.itemsToModify = itemsToModify
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        timestampsToReturn = try reader.read()
        itemsToModify = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(timestampsToReturn)
        writer.write(itemsToModify)
    }
}

/// ModifyMonitoredItemsResponse: Part 4, 5.13.
public struct ModifyMonitoredItemsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 764
    public static let binaryEncodingId: UInt32 = 766
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [MonitoredItemModifyResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [MonitoredItemModifyResult] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}
