// Made by scripts/opcua/generate; change it or its table, not this file.

/// SetMonitoringModeRequest: Part 4, 5.13.
public struct SetMonitoringModeRequest: ServiceRequest {
    public typealias Response = SetMonitoringModeResponse

    public static let dataTypeId: UInt32 = 767
    public static let binaryEncodingId: UInt32 = 769
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var monitoringMode: MonitoringMode
    public var monitoredItemIds: [UInt32]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0,
        monitoringMode: MonitoringMode = MonitoringMode(rawValue: 0), monitoredItemIds: [UInt32] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.monitoringMode = monitoringMode
        self.monitoredItemIds = monitoredItemIds
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        monitoringMode = try reader.read()
        monitoredItemIds = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(monitoringMode)
        writer.write(monitoredItemIds)
    }
}

/// SetMonitoringModeResponse: Part 4, 5.13.
public struct SetMonitoringModeResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 770
    public static let binaryEncodingId: UInt32 = 772
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [StatusCode]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [StatusCode] = [],
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

/// SetTriggeringRequest: Part 4, 5.13.
public struct SetTriggeringRequest: ServiceRequest {
    public typealias Response = SetTriggeringResponse

    public static let dataTypeId: UInt32 = 773
    public static let binaryEncodingId: UInt32 = 775
    public static let smallestByteCount = 45

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var triggeringItemId: UInt32
    public var linksToAdd: [UInt32]
    public var linksToRemove: [UInt32]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0, triggeringItemId: UInt32 = 0,
        linksToAdd: [UInt32] = [], linksToRemove: [UInt32] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.triggeringItemId = triggeringItemId
        self.linksToAdd = linksToAdd
        self.linksToRemove = linksToRemove
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        triggeringItemId = try reader.read()
        linksToAdd = try reader.read()
        linksToRemove = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(triggeringItemId)
        writer.write(linksToAdd)
        writer.write(linksToRemove)
    }
}

/// SetTriggeringResponse: Part 4, 5.13.
public struct SetTriggeringResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 776
    public static let binaryEncodingId: UInt32 = 778
    public static let smallestByteCount = 40

    public var responseHeader: ResponseHeader
    public var addResults: [StatusCode]
    public var addDiagnosticInfos: [DiagnosticInfo]
    public var removeResults: [StatusCode]
    public var removeDiagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), addResults: [StatusCode] = [],
        addDiagnosticInfos: [DiagnosticInfo] = [], removeResults: [StatusCode] = [],
        removeDiagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.addResults = addResults
        self.addDiagnosticInfos = addDiagnosticInfos
        self.removeResults = removeResults
        self.removeDiagnosticInfos = removeDiagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        addResults = try reader.read()
        addDiagnosticInfos = try reader.read()
        removeResults = try reader.read()
        removeDiagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(addResults)
        writer.write(addDiagnosticInfos)
        writer.write(removeResults)
        writer.write(removeDiagnosticInfos)
    }
}

/// DeleteMonitoredItemsRequest: Part 4, 5.13.
public struct DeleteMonitoredItemsRequest: ServiceRequest {
    public typealias Response = DeleteMonitoredItemsResponse

    public static let dataTypeId: UInt32 = 779
    public static let binaryEncodingId: UInt32 = 781
    public static let smallestByteCount = 37

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var monitoredItemIds: [UInt32]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0, monitoredItemIds: [UInt32] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.monitoredItemIds = monitoredItemIds
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        monitoredItemIds = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(monitoredItemIds)
    }
}

/// DeleteMonitoredItemsResponse: Part 4, 5.13.
public struct DeleteMonitoredItemsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 782
    public static let binaryEncodingId: UInt32 = 784
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [StatusCode]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [StatusCode] = [],
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
