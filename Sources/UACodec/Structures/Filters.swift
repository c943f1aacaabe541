// Made by scripts/opcua/generate; change it or its table, not this file.

/// FilterOperator: Part 4, 7.7 and 7.22. A number that has no name here is kept.
public struct FilterOperator: Enumeration {
    public static let dataTypeId: UInt32 = 576
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let equals = FilterOperator(rawValue: 0)
    public static let isNull = FilterOperator(rawValue: 1)
    public static let greaterThan = FilterOperator(rawValue: 2)
    public static let lessThan = FilterOperator(rawValue: 3)
    public static let greaterThanOrEqual = FilterOperator(rawValue: 4)
    public static let lessThanOrEqual = FilterOperator(rawValue: 5)
    public static let like = FilterOperator(rawValue: 6)
    public static let not = FilterOperator(rawValue: 7)
    public static let between = FilterOperator(rawValue: 8)
    public static let inList = FilterOperator(rawValue: 9)
    public static let and = FilterOperator(rawValue: 10)
    public static let or = FilterOperator(rawValue: 11)
    public static let cast = FilterOperator(rawValue: 12)
    public static let inView = FilterOperator(rawValue: 13)
    public static let ofType = FilterOperator(rawValue: 14)
    public static let relatedTo = FilterOperator(rawValue: 15)
    public static let bitwiseAnd = FilterOperator(rawValue: 16)
    public static let bitwiseOr = FilterOperator(rawValue: 17)
}

/// DataChangeTrigger: Part 4, 7.7 and 7.22. A number that has no name here is kept.
public struct DataChangeTrigger: Enumeration {
    public static let dataTypeId: UInt32 = 717
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let status = DataChangeTrigger(rawValue: 0)
    public static let statusValue = DataChangeTrigger(rawValue: 1)
    public static let statusValueTimestamp = DataChangeTrigger(rawValue: 2)
}

/// DataChangeFilter: Part 4, 7.7 and 7.22.
public struct DataChangeFilter: Structure {
    public static let dataTypeId: UInt32 = 722
    public static let binaryEncodingId: UInt32 = 724
    public static let smallestByteCount = 16

    public var trigger: DataChangeTrigger
    public var deadbandType: UInt32
    public var deadbandValue: Double

    public init(
        trigger: DataChangeTrigger = DataChangeTrigger(rawValue: 0), deadbandType: UInt32 = 0, deadbandValue: Double = 0
    ) {
        self.trigger = trigger
        self.deadbandType = deadbandType
        self.deadbandValue = deadbandValue
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        trigger = try reader.read()
        deadbandType = try reader.read()
        deadbandValue = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(trigger)
        writer.write(deadbandType)
        writer.write(deadbandValue)
    }
}

/// ContentFilterElement: Part 4, 7.7 and 7.22.
public struct ContentFilterElement: Structure {
    public static let dataTypeId: UInt32 = 583
    public static let binaryEncodingId: UInt32 = 585
    public static let smallestByteCount = 8

    public var filterOperator: FilterOperator
    public var filterOperands: [ExtensionObject]

    public init(filterOperator: FilterOperator = FilterOperator(rawValue: 0), filterOperands: [ExtensionObject] = []) {
        self.filterOperator = filterOperator
        self.filterOperands = filterOperands
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        filterOperator = try reader.read()
        filterOperands = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(filterOperator)
        writer.write(filterOperands)
    }
}

/// ContentFilter: Part 4, 7.7 and 7.22.
public struct ContentFilter: Structure {
    public static let dataTypeId: UInt32 = 586
    public static let binaryEncodingId: UInt32 = 588
    public static let smallestByteCount = 4

    public var elements: [ContentFilterElement]

    public init(elements: [ContentFilterElement] = []) {
        self.elements = elements
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        elements = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(elements)
    }
}

/// ElementOperand: Part 4, 7.7 and 7.22.
public struct ElementOperand: Structure {
    public static let dataTypeId: UInt32 = 592
    public static let binaryEncodingId: UInt32 = 594
    public static let smallestByteCount = 4

    public var index: UInt32

    public init(index: UInt32 = 0) {
        self.index = index
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        index = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(index)
    }
}

/// LiteralOperand: Part 4, 7.7 and 7.22.
public struct LiteralOperand: Structure {
    public static let dataTypeId: UInt32 = 595
    public static let binaryEncodingId: UInt32 = 597
    public static let smallestByteCount = 1

    public var value: Variant

    public init(value: Variant = .null) {
        self.value = value
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        value = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(value)
    }
}

/// AttributeOperand: Part 4, 7.7 and 7.22.
public struct AttributeOperand: Structure {
    public static let dataTypeId: UInt32 = 598
    public static let binaryEncodingId: UInt32 = 600
    public static let smallestByteCount = 18

    public var nodeId: NodeId
    public var alias: String?
    public var browsePath: RelativePath
    public var attributeId: UInt32
    public var indexRange: String?

    public init(
        nodeId: NodeId = .null, alias: String? = nil, browsePath: RelativePath = RelativePath(),
        attributeId: UInt32 = 0, indexRange: String? = nil
    ) {
        self.nodeId = nodeId
        self.alias = alias
        self.browsePath = browsePath
        self.attributeId = attributeId
        self.indexRange = indexRange
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        nodeId = try reader.read()
        alias = try reader.read()
        browsePath = try reader.read()
        attributeId = try reader.read()
        indexRange = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(nodeId)
        writer.write(alias)
        writer.write(browsePath)
        writer.write(attributeId)
        writer.write(indexRange)
    }
}

/// SimpleAttributeOperand: Part 4, 7.7 and 7.22.
public struct SimpleAttributeOperand: Structure {
    public static let dataTypeId: UInt32 = 601
    public static let binaryEncodingId: UInt32 = 603
    public static let smallestByteCount = 14

    public var typeDefinitionId: NodeId
    public var browsePath: [QualifiedName]
    public var attributeId: UInt32
    public var indexRange: String?

    public init(
        typeDefinitionId: NodeId = .null, browsePath: [QualifiedName] = [], attributeId: UInt32 = 0,
        indexRange: String? = nil
    ) {
        self.typeDefinitionId = typeDefinitionId
        self.browsePath = browsePath
        self.attributeId = attributeId
        self.indexRange = indexRange
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        typeDefinitionId = try reader.read()
        browsePath = try reader.read()
        attributeId = try reader.read()
        indexRange = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(typeDefinitionId)
        writer.write(browsePath)
        writer.write(attributeId)
        writer.write(indexRange)
    }
}

/// EventFilter: Part 4, 7.7 and 7.22.
public struct EventFilter: Structure {
    public static let dataTypeId: UInt32 = 725
    public static let binaryEncodingId: UInt32 = 727
    public static let smallestByteCount = 8

    public var selectClauses: [SimpleAttributeOperand]
    public var whereClause: ContentFilter

    public init(selectClauses: [SimpleAttributeOperand] = [], whereClause: ContentFilter = ContentFilter()) {
        self.selectClauses = selectClauses
        self.whereClause = whereClause
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        selectClauses = try reader.read()
        whereClause = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(selectClauses)
        writer.write(whereClause)
    }
}
