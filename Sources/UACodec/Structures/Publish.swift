// Made by scripts/opcua/generate; change it or its table, not this file.

/// SubscriptionAcknowledgement: Part 4, 5.14.
public struct SubscriptionAcknowledgement: Structure {
    public static let dataTypeId: UInt32 = 821
    public static let binaryEncodingId: UInt32 = 823
    public static let smallestByteCount = 8

    public var subscriptionId: UInt32
    public var sequenceNumber: UInt32

    public init(subscriptionId: UInt32 = 0, sequenceNumber: UInt32 = 0) {
        self.subscriptionId = subscriptionId
        self.sequenceNumber = sequenceNumber
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        subscriptionId = try reader.read()
        sequenceNumber = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(subscriptionId)
        writer.write(sequenceNumber)
    }
}

/// PublishRequest: Part 4, 5.14.
public struct PublishRequest: ServiceRequest {
    public typealias Response = PublishResponse

    public static let dataTypeId: UInt32 = 824
    public static let binaryEncodingId: UInt32 = 826
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var subscriptionAcknowledgements: [SubscriptionAcknowledgement]

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionAcknowledgements: [SubscriptionAcknowledgement] = []
    ) {
        self.requestHeader = requestHeader
        self.subscriptionAcknowledgements = subscriptionAcknowledgements
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionAcknowledgements = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionAcknowledgements)
    }
}

/// PublishResponse: Part 4, 5.14.
public struct PublishResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 827
    public static let binaryEncodingId: UInt32 = 829
    public static let smallestByteCount = 57

    public var responseHeader: ResponseHeader
    public var subscriptionId: UInt32
    public var availableSequenceNumbers: [UInt32]
    public var moreNotifications: Bool
    public var notificationMessage: NotificationMessage
    public var results: [StatusCode]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), subscriptionId: UInt32 = 0,
        availableSequenceNumbers: [UInt32] = [], moreNotifications: Bool = false,
        notificationMessage: NotificationMessage = NotificationMessage(), results: [StatusCode] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.subscriptionId = subscriptionId
        self.availableSequenceNumbers = availableSequenceNumbers
        self.moreNotifications = moreNotifications
        self.notificationMessage = notificationMessage
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        subscriptionId = try reader.read()
        availableSequenceNumbers = try reader.read()
        moreNotifications = try reader.read()
        notificationMessage = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(subscriptionId)
        writer.write(availableSequenceNumbers)
        writer.write(moreNotifications)
        writer.write(notificationMessage)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}

/// RepublishRequest: Part 4, 5.14.
public struct RepublishRequest: ServiceRequest {
    public typealias Response = RepublishResponse

    public static let dataTypeId: UInt32 = 830
    public static let binaryEncodingId: UInt32 = 832
    public static let smallestByteCount = 37

    public var requestHeader: RequestHeader
    public var subscriptionId: UInt32
    public var retransmitSequenceNumber: UInt32

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionId: UInt32 = 0, retransmitSequenceNumber: UInt32 = 0
    ) {
        self.requestHeader = requestHeader
        self.subscriptionId = subscriptionId
        self.retransmitSequenceNumber = retransmitSequenceNumber
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionId = try reader.read()
        retransmitSequenceNumber = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionId)
        writer.write(retransmitSequenceNumber)
    }
}

/// RepublishResponse: Part 4, 5.14.
public struct RepublishResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 833
    public static let binaryEncodingId: UInt32 = 835
    public static let smallestByteCount = 40

    public var responseHeader: ResponseHeader
    public var notificationMessage: NotificationMessage

    public init(
        responseHeader: ResponseHeader = ResponseHeader(),
        notificationMessage: NotificationMessage = NotificationMessage()
    ) {
        self.responseHeader = responseHeader
        self.notificationMessage = notificationMessage
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        notificationMessage = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(notificationMessage)
    }
}

/// TransferResult: Part 4, 5.14.
public struct TransferResult: Structure {
    public static let dataTypeId: UInt32 = 836
    public static let binaryEncodingId: UInt32 = 838
    public static let smallestByteCount = 8

    public var statusCode: StatusCode
    public var availableSequenceNumbers: [UInt32]

    public init(statusCode: StatusCode = .good, availableSequenceNumbers: [UInt32] = []) {
        self.statusCode = statusCode
        self.availableSequenceNumbers = availableSequenceNumbers
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        availableSequenceNumbers = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(availableSequenceNumbers)
    }
}

/// TransferSubscriptionsRequest: Part 4, 5.14.
public struct TransferSubscriptionsRequest: ServiceRequest {
    public typealias Response = TransferSubscriptionsResponse

    public static let dataTypeId: UInt32 = 839
    public static let binaryEncodingId: UInt32 = 841
    public static let smallestByteCount = 34

    public var requestHeader: RequestHeader
    public var subscriptionIds: [UInt32]
    public var sendInitialValues: Bool

    public init(
        requestHeader: RequestHeader = RequestHeader(), subscriptionIds: [UInt32] = [], sendInitialValues: Bool = false
    ) {
        self.requestHeader = requestHeader
        self.subscriptionIds = subscriptionIds
        self.sendInitialValues = sendInitialValues
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionIds = try reader.read()
        sendInitialValues = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionIds)
        writer.write(sendInitialValues)
    }
}

/// TransferSubscriptionsResponse: Part 4, 5.14.
public struct TransferSubscriptionsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 842
    public static let binaryEncodingId: UInt32 = 844
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [TransferResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [TransferResult] = [],
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

/// DeleteSubscriptionsRequest: Part 4, 5.14.
public struct DeleteSubscriptionsRequest: ServiceRequest {
    public typealias Response = DeleteSubscriptionsResponse

    public static let dataTypeId: UInt32 = 845
    public static let binaryEncodingId: UInt32 = 847
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var subscriptionIds: [UInt32]

    public init(requestHeader: RequestHeader = RequestHeader(), subscriptionIds: [UInt32] = []) {
        self.requestHeader = requestHeader
        self.subscriptionIds = subscriptionIds
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        subscriptionIds = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(subscriptionIds)
    }
}

/// DeleteSubscriptionsResponse: Part 4, 5.14.
public struct DeleteSubscriptionsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 848
    public static let binaryEncodingId: UInt32 = 850
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
