/// Vendor's details on a result (Part 6, 5.2.2.12); the numbers are places in the string table of the response.
public struct DiagnosticInfo: Hashable, Sendable {
    public var symbolicId: Int32?
    public var namespaceUri: Int32?
    public var locale: Int32?
    public var localizedText: Int32?
    public var additionalInfo: String?
    public var innerStatusCode: StatusCode?
    /// None or one: a value cannot hold itself, an array can.
    private var inner: [DiagnosticInfo] = []

    public var innerDiagnosticInfo: DiagnosticInfo? {
        get { inner.first }
        set { inner = newValue.map { [$0] } ?? [] }
    }

    public init(
        symbolicId: Int32? = nil, namespaceUri: Int32? = nil, locale: Int32? = nil, localizedText: Int32? = nil,
        additionalInfo: String? = nil, innerStatusCode: StatusCode? = nil, innerDiagnosticInfo: DiagnosticInfo? = nil
    ) {
        self.symbolicId = symbolicId
        self.namespaceUri = namespaceUri
        self.locale = locale
        self.localizedText = localizedText
        self.additionalInfo = additionalInfo
        self.innerStatusCode = innerStatusCode
        self.innerDiagnosticInfo = innerDiagnosticInfo
    }
}

extension DiagnosticInfo: BinaryCodable {
    public static var smallestByteCount: Int { 1 }

    /// The wire has the locale before the localized text, though the mask has them the other way round.
    public init(from reader: inout BinaryReader) throws(CodecError) {
        let mask = try reader.integer(UInt8.self)
        self.init()
        if mask & 0x01 != 0 { symbolicId = try reader.integer() }
        if mask & 0x02 != 0 { namespaceUri = try reader.integer() }
        if mask & 0x08 != 0 { locale = try reader.integer() }
        if mask & 0x04 != 0 { localizedText = try reader.integer() }
        if mask & 0x10 != 0 { additionalInfo = try reader.text() }
        if mask & 0x20 != 0 { innerStatusCode = try reader.read() }
        if mask & 0x40 != 0 {
            try reader.charge(1, of: DiagnosticInfo.self)
            innerDiagnosticInfo = try reader.nestedDiagnostics { reader throws(CodecError) in
                try DiagnosticInfo(from: &reader)
            }
        }
    }

    public func encode(to writer: inout BinaryWriter) {
        var mask: UInt8 = symbolicId == nil ? 0 : 0x01
        if namespaceUri != nil { mask |= 0x02 }
        if localizedText != nil { mask |= 0x04 }
        if locale != nil { mask |= 0x08 }
        if additionalInfo != nil { mask |= 0x10 }
        if innerStatusCode != nil { mask |= 0x20 }
        if !inner.isEmpty { mask |= 0x40 }
        writer.integer(mask)
        symbolicId?.encode(to: &writer)
        namespaceUri?.encode(to: &writer)
        locale?.encode(to: &writer)
        localizedText?.encode(to: &writer)
        additionalInfo?.encodeContent(to: &writer)
        innerStatusCode?.encode(to: &writer)
        if let innerDiagnosticInfo { writer.nested { innerDiagnosticInfo.encode(to: &$0) } }
    }
}
