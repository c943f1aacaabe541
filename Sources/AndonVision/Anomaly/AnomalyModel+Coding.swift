/// The file of a model. All numbers are little-endian:
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `ANDONPDM` |
/// | 7 × 4 | version (1), rows, columns, depth, number of dimensions D, pictures, bytes of the identity: UInt32 |
/// | 4 | smoothing: Float32 |
/// | | identity: UTF-8 |
/// | 4 D | the dimensions, rising: UInt32 |
/// | 4 P D | means of the P = rows × columns places: Float32 |
/// | 4 P D (D + 1) / 2 | for each place the inverse of the Cholesky factor, lower triangle column by column: Float32 |
extension AnomalyModel {
    private static let magic = Array("ANDONPDM".utf8)
    private static let version: UInt32 = 1
    private static let headLength = 40
    static let sideMax = 1024
    static let depthMax = 65_536
    static let identityMax = 200
    static let smoothingMax: Float = 64
    /// No file is larger: 1 GiB.
    public static let bytesMax = 1 << 30

    public func encode() -> [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.headLength + 4 * (dimensions.count + means.count + factors.count))
        let head = [rows, columns, depth, dimensions.count, pictures, identity.utf8.count]
        for word in [Self.version] + head.map({ UInt32($0) }) { Self.append(word, to: &bytes) }
        Self.append(smoothing.bitPattern, to: &bytes)
        bytes += identity.utf8
        for dimension in dimensions { Self.append(UInt32(dimension), to: &bytes) }
        for value in means { Self.append(value.bitPattern, to: &bytes) }
        for value in factors { Self.append(value.bitPattern, to: &bytes) }
        return bytes
    }

    /// Reads a model's file. Any bytes give a model that can be used, or a reason.
    public init(decoding bytes: [UInt8]) throws(AnomalyModelError) {
        guard bytes.count <= Self.bytesMax else {
            throw AnomalyModelError("the anomaly model has \(bytes.count) bytes; at most \(Self.bytesMax) are read")
        }
        guard bytes.count >= Self.headLength, bytes.starts(with: Self.magic) else {
            throw AnomalyModelError(
                "this is no anomaly model: it does not begin with ANDONPDM; learn one from good pictures")
        }
        let words = (0..<8).map { Self.word(bytes, 8 + 4 * $0) }
        guard words[0] == Self.version else {
            throw AnomalyModelError(
                "the anomaly model has version \(words[0]), and this program reads \(Self.version); learn it again")
        }
        let head = words[1...6].map { Int($0) }
        let (rows, columns, depth, count, pictures, name) = (head[0], head[1], head[2], head[3], head[4], head[5])
        guard (1...Self.sideMax).contains(rows), (1...Self.sideMax).contains(columns),
            (1...Self.depthMax).contains(depth), (1...depth).contains(count), name <= Self.identityMax
        else {
            throw AnomalyModelError(
                "the anomaly model says \(rows) by \(columns) places, \(count) of \(depth) dimensions and \(name) bytes of "
                    + "name; the limits are \(Self.sideMax) by \(Self.sideMax), \(Self.depthMax) and \(Self.identityMax)"
            )
        }
        // With these limits the products stay below 2^53.
        let numbers = count + rows * columns * (count + Triangle.count(count))
        guard bytes.count == Self.headLength + name + 4 * numbers else {
            throw AnomalyModelError(
                "the anomaly model has \(bytes.count) bytes, and its head says \(Self.headLength + name + 4 * numbers); the "
                    + "file was cut or changed")
        }
        self = try Self.body(bytes, rows, columns, depth, count, pictures, name, Float(bitPattern: words[7]))
    }

    private static func body(
        _ bytes: [UInt8], _ rows: Int, _ columns: Int, _ depth: Int, _ count: Int, _ pictures: Int, _ name: Int,
        _ smoothing: Float
    ) throws(AnomalyModelError) -> AnomalyModel {
        var at = headLength
        guard let identity = String(validating: bytes[at..<(at + name)], as: UTF8.self),
            smoothing.isFinite, (0...smoothingMax).contains(smoothing)
        else {
            throw AnomalyModelError(
                "the anomaly model has a name that is no text, or a smoothing outside 0 to \(smoothingMax)")
        }
        at += name
        let dimensions = (0..<count).map { Int(word(bytes, at + 4 * $0)) }
        guard zip(dimensions, dimensions.dropFirst()).allSatisfy(<), dimensions.last.map({ $0 < depth }) == true else {
            throw AnomalyModelError("the dimensions of the anomaly model do not rise, or go beyond \(depth)")
        }
        at += 4 * count
        let means = floats(bytes, at, rows * columns * count)
        let factors = floats(bytes, at + 4 * means.count, rows * columns * Triangle.count(count))
        guard means.allSatisfy(\.isFinite), factors.allSatisfy(\.isFinite) else {
            throw AnomalyModelError("the anomaly model has a value that is no number; the file was changed")
        }
        return AnomalyModel(
            identity: identity, rows: rows, columns: columns, depth: depth, pictures: pictures, smoothing: smoothing,
            dimensions: dimensions, means: means, factors: factors)
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
    }

    private static func floats(_ bytes: [UInt8], _ at: Int, _ count: Int) -> [Float] {
        (0..<count).map { Float(bitPattern: word(bytes, at + 4 * $0)) }
    }
}
