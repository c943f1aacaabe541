// Made by scripts/opcua/generate; change it or its table, not this file.

/// CallMethodRequest: Part 4, 5.12.
public struct CallMethodRequest: Structure {
    public static let dataTypeId: UInt32 = 704
    public static let binaryEncodingId: UInt32 = 706
    public static let smallestByteCount = 8

    public var objectId: NodeId
    public var methodId: NodeId
    public var inputArguments: [Variant]

    public init(objectId: NodeId = .null, methodId: NodeId = .null, inputArguments: [Variant] = []) {
        self.objectId = objectId
        self.methodId = methodId
        self.inputArguments = inputArguments
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        objectId = try reader.read()
        methodId = try reader.read()
        inputArguments = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(objectId)
        writer.write(methodId)
        writer.write(inputArguments)
    }
}

/// CallMethodResult: Part 4, 5.12.
public struct CallMethodResult: Structure {
    public static let dataTypeId: UInt32 = 707
    public static let binaryEncodingId: UInt32 = 709
    public static let smallestByteCount = 16

    public var statusCode: StatusCode
    public var inputArgumentResults: [StatusCode]
    public var inputArgumentDiagnosticInfos: [DiagnosticInfo]
    public var outputArguments: [Variant]

    public init(
        statusCode: StatusCode = .good, inputArgumentResults: [StatusCode] = [],
        inputArgumentDiagnosticInfos: [DiagnosticInfo] = [], outputArguments: [Variant] = []
    ) {
        self.statusCode = statusCode
        self.inputArgumentResults = inputArgumentResults
        self.inputArgumentDiagnosticInfos = inputArgumentDiagnosticInfos
        self.outputArguments = outputArguments
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        inputArgumentResults = try reader.read()
        inputArgumentDiagnosticInfos = try reader.read()
        outputArguments = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(inputArgumentResults)
        writer.write(inputArgumentDiagnosticInfos)
        writer.write(outputArguments)
    }
}

/// CallRequest: Part 4, 5.12.
public struct CallRequest: ServiceRequest {
    public typealias Response = CallResponse

    public static let dataTypeId: UInt32 = 710
    public static let binaryEncodingId: UInt32 = 712
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var methodsToCall: [CallMethodRequest]

    public init(requestHeader: RequestHeader = RequestHeader(), methodsToCall: [CallMethodRequest] = []) {
        self.requestHeader = requestHeader
        self.methodsToCall = methodsToCall
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        methodsToCall = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(methodsToCall)
    }
}

/// CallResponse: Part 4, 5.12.
public struct CallResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 713
    public static let binaryEncodingId: UInt32 = 715
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [CallMethodResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [CallMethodResult] = [],
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
