// Made by scripts/opcua/generate; change it or its table, not this file.

/// ContentFilterElementResult: Part 4, 7.7 and 7.22.
public struct ContentFilterElementResult: Structure {
    public static let dataTypeId: UInt32 = 604
    public static let binaryEncodingId: UInt32 = 606
    public static let smallestByteCount = 12

    public var statusCode: StatusCode
    public var operandStatusCodes: [StatusCode]
    public var operandDiagnosticInfos: [DiagnosticInfo]

    public init(
        statusCode: StatusCode = .good, operandStatusCodes: [StatusCode] = [],
        operandDiagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.statusCode = statusCode
        self.operandStatusCodes = operandStatusCodes
        self.operandDiagnosticInfos = operandDiagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        operandStatusCodes = try reader.read()
        operandDiagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(operandStatusCodes)
        writer.write(operandDiagnosticInfos)
    }
}

/// ContentFilterResult: Part 4, 7.7 and 7.22.
public struct ContentFilterResult: Structure {
    public static let dataTypeId: UInt32 = 607
    public static let binaryEncodingId: UInt32 = 609
    public static let smallestByteCount = 8

    public var elementResults: [ContentFilterElementResult]
    public var elementDiagnosticInfos: [DiagnosticInfo]

    public init(elementResults: [ContentFilterElementResult] = [], elementDiagnosticInfos: [DiagnosticInfo] = []) {
        self.elementResults = elementResults
        self.elementDiagnosticInfos = elementDiagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        elementResults = try reader.read()
        elementDiagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(elementResults)
        writer.write(elementDiagnosticInfos)
    }
}

/// EventFilterResult: Part 4, 7.7 and 7.22.
public struct EventFilterResult: Structure {
    public static let dataTypeId: UInt32 = 734
    public static let binaryEncodingId: UInt32 = 736
    public static let smallestByteCount = 16

    public var selectClauseResults: [StatusCode]
    public var selectClauseDiagnosticInfos: [DiagnosticInfo]
    public var whereClauseResult: ContentFilterResult

    public init(
        selectClauseResults: [StatusCode] = [], selectClauseDiagnosticInfos: [DiagnosticInfo] = [],
        whereClauseResult: ContentFilterResult = ContentFilterResult()
    ) {
        self.selectClauseResults = selectClauseResults
        self.selectClauseDiagnosticInfos = selectClauseDiagnosticInfos
        self.whereClauseResult = whereClauseResult
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        selectClauseResults = try reader.read()
        selectClauseDiagnosticInfos = try reader.read()
        whereClauseResult = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(selectClauseResults)
        writer.write(selectClauseDiagnosticInfos)
        writer.write(whereClauseResult)
    }
}
