// Made by scripts/opcua/generate; change it or its table, not this file.

/// NotificationMessage: Part 4, 7.25 and 7.26.
public struct NotificationMessage: Structure {
    public static let dataTypeId: UInt32 = 803
    public static let binaryEncodingId: UInt32 = 805
    public static let smallestByteCount = 16

    public var sequenceNumber: UInt32
    public var publishTime: DateTime
    public var notificationData: [ExtensionObject]

    public init(sequenceNumber: UInt32 = 0, publishTime: DateTime = .null, notificationData: [ExtensionObject] = []) {
        self.sequenceNumber = sequenceNumber
        self.publishTime = publishTime
        self.notificationData = notificationData
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        sequenceNumber = try reader.read()
        publishTime = try reader.read()
        notificationData = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(sequenceNumber)
        writer.write(publishTime)
        writer.write(notificationData)
    }
}

/// MonitoredItemNotification: Part 4, 7.25 and 7.26.
public struct MonitoredItemNotification: Structure {
    public static let dataTypeId: UInt32 = 806
    public static let binaryEncodingId: UInt32 = 808
    public static let smallestByteCount = 5

    public var clientHandle: UInt32
    public var value: DataValue

    public init(clientHandle: UInt32 = 0, value: DataValue = DataValue()) {
        self.clientHandle = clientHandle
        self.value = value
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        clientHandle = try reader.read()
        value = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(clientHandle)
        writer.write(value)
    }
}

/// DataChangeNotification: Part 4, 7.25 and 7.26.
public struct DataChangeNotification: Structure {
    public static let dataTypeId: UInt32 = 809
    public static let binaryEncodingId: UInt32 = 811
    public static let smallestByteCount = 8

    public var monitoredItems: [MonitoredItemNotification]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(monitoredItems: [MonitoredItemNotification] = [], diagnosticInfos: [DiagnosticInfo] = []) {
        self.monitoredItems = monitoredItems
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        monitoredItems = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(monitoredItems)
        writer.write(diagnosticInfos)
    }
}

/// StatusChangeNotification: Part 4, 7.25 and 7.26.
public struct StatusChangeNotification: Structure {
    public static let dataTypeId: UInt32 = 818
    public static let binaryEncodingId: UInt32 = 820
    public static let smallestByteCount = 5

    public var status: StatusCode
    public var diagnosticInfo: DiagnosticInfo

    public init(status: StatusCode = .good, diagnosticInfo: DiagnosticInfo = DiagnosticInfo()) {
        self.status = status
        self.diagnosticInfo = diagnosticInfo
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        status = try reader.read()
        diagnosticInfo = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(status)
        writer.write(diagnosticInfo)
    }
}

/// EventNotificationList: Part 4, 7.25 and 7.26.
public struct EventNotificationList: Structure {
    public static let dataTypeId: UInt32 = 914
    public static let binaryEncodingId: UInt32 = 916
    public static let smallestByteCount = 4

    public var events: [EventFieldList]

    public init(events: [EventFieldList] = []) {
        self.events = events
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        events = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(events)
    }
}

/// EventFieldList: Part 4, 7.25 and 7.26.
public struct EventFieldList: Structure {
    public static let dataTypeId: UInt32 = 917
    public static let binaryEncodingId: UInt32 = 919
    public static let smallestByteCount = 8

    public var clientHandle: UInt32
    public var eventFields: [Variant]

    public init(clientHandle: UInt32 = 0, eventFields: [Variant] = []) {
        self.clientHandle = clientHandle
        self.eventFields = eventFields
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        clientHandle = try reader.read()
        eventFields = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(clientHandle)
        writer.write(eventFields)
    }
}
