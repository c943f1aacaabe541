// Made by scripts/opcua/generate; change it or its table, not this file.

/// Argument: Part 3, 8 and Part 8, 5.6.
public struct Argument: Structure {
    public static let dataTypeId: UInt32 = 296
    public static let binaryEncodingId: UInt32 = 298
    public static let smallestByteCount = 15

    public var name: String?
    public var dataType: NodeId
    public var valueRank: Int32
    public var arrayDimensions: [UInt32]
    public var description: LocalizedText

    public init(
        name: String? = nil, dataType: NodeId = .null, valueRank: Int32 = 0, arrayDimensions: [UInt32] = [],
        description: LocalizedText = .null
    ) {
        self.name = name
        self.dataType = dataType
        self.valueRank = valueRank
        self.arrayDimensions = arrayDimensions
        self.description = description
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        name = try reader.read()
        dataType = try reader.read()
        valueRank = try reader.read()
        arrayDimensions = try reader.read()
        description = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(name)
        writer.write(dataType)
        writer.write(valueRank)
        writer.write(arrayDimensions)
        writer.write(description)
    }
}

/// EUInformation: Part 3, 8 and Part 8, 5.6.
public struct EUInformation: Structure {
    public static let dataTypeId: UInt32 = 887
    public static let binaryEncodingId: UInt32 = 889
    public static let smallestByteCount = 10

    public var namespaceUri: String?
    public var unitId: Int32
    public var displayName: LocalizedText
    public var description: LocalizedText

    public init(
        namespaceUri: String? = nil, unitId: Int32 = 0, displayName: LocalizedText = .null,
        description: LocalizedText = .null
    ) {
        self.namespaceUri = namespaceUri
        self.unitId = unitId
        self.displayName = displayName
        self.description = description
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        namespaceUri = try reader.read()
        unitId = try reader.read()
        displayName = try reader.read()
        description = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(namespaceUri)
        writer.write(unitId)
        writer.write(displayName)
        writer.write(description)
    }
}

/// Range: Part 3, 8 and Part 8, 5.6.
public struct ValueRange: Structure {
    public static let dataTypeId: UInt32 = 884
    public static let binaryEncodingId: UInt32 = 886
    public static let smallestByteCount = 16

    public var low: Double
    public var high: Double

    public init(low: Double = 0, high: Double = 0) {
        self.low = low
        self.high = high
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        low = try reader.read()
        high = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(low)
        writer.write(high)
    }
}

/// TimeZoneDataType: Part 3, 8 and Part 8, 5.6.
public struct TimeZoneDataType: Structure {
    public static let dataTypeId: UInt32 = 8912
    public static let binaryEncodingId: UInt32 = 8917
    public static let smallestByteCount = 3

    public var offset: Int16
    public var daylightSavingInOffset: Bool

    public init(offset: Int16 = 0, daylightSavingInOffset: Bool = false) {
        self.offset = offset
        self.daylightSavingInOffset = daylightSavingInOffset
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        offset = try reader.read()
        daylightSavingInOffset = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(offset)
        writer.write(daylightSavingInOffset)
    }
}

/// RolePermissionType: Part 3, 8 and Part 8, 5.6.
public struct RolePermissionType: Structure {
    public static let dataTypeId: UInt32 = 96
    public static let binaryEncodingId: UInt32 = 128
    public static let smallestByteCount = 6

    public var roleId: NodeId
    public var permissions: UInt32

    public init(roleId: NodeId = .null, permissions: UInt32 = 0) {
        self.roleId = roleId
        self.permissions = permissions
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        roleId = try reader.read()
        permissions = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(roleId)
        writer.write(permissions)
    }
}
