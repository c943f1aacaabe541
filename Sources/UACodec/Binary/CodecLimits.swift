/// What one message may ask of its reader, and of its writer. None of them can be switched off.
public struct CodecLimits: Hashable, Sendable {
    /// Bytes of a message, all chunks together.
    public var messageBytes: Int
    /// Bytes of one String or XmlElement in UTF-8.
    public var stringBytes: Int
    /// Bytes of one ByteString, and of the body of an ExtensionObject.
    public var byteStringBytes: Int
    /// Elements of one array; of a matrix, all together.
    public var arrayLength: Int
    /// Variants, ExtensionObjects, DataValues, DiagnosticInfos and structures inside one another, counted together.
    /// Part 6, 5.1.5 wants at least 100.
    public var nesting: Int
    /// DiagnosticInfos inside one another; Part 6, 5.2.2.12 wants at least 4, and no more than 10.
    public var diagnosticNesting: Int
    /// Bytes of memory that the arrays and structures of one message may take, as an array of empty Variants takes
    /// many times the room that it has on the wire.
    public var decodedBytes: Int

    public init(
        messageBytes: Int = 4 << 20, stringBytes: Int = 1 << 20, byteStringBytes: Int = 4 << 20,
        arrayLength: Int = 65_536, nesting: Int = 100, diagnosticNesting: Int = 10, decodedBytes: Int = 64 << 20
    ) {
        self.messageBytes = messageBytes
        self.stringBytes = stringBytes
        self.byteStringBytes = byteStringBytes
        self.arrayLength = arrayLength
        self.nesting = nesting
        self.diagnosticNesting = diagnosticNesting
        self.decodedBytes = decodedBytes
    }

    public static let standard = CodecLimits()
}
