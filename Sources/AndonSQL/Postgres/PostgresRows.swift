import CPQ
import Foundation

/// Rows of PostgreSQL, as many at a time as one answer has.
final class PostgresRows: RawRows {
    /// Gives the next rows of a cursor; nil where all came at once.
    private let more: (() throws -> PostgresResult?)?
    private var result: PostgresResult
    private var place: Int32 = -1
    /// Blobs of the row, decoded: their bytes must stay where they are until the next row.
    private var blobs: [Int32: UnsafeMutableRawBufferPointer] = [:]

    init(_ result: PostgresResult, of subject: String?, more: (() throws -> PostgresResult?)? = nil) {
        (self.result, self.more) = (result, more)
        super.init(subject: subject)
    }

    deinit { forget() }

    private func forget() {
        for blob in blobs.values { blob.deallocate() }
        blobs.removeAll(keepingCapacity: true)
    }

    override func advance() throws -> Bool {
        if !blobs.isEmpty { forget() }
        place += 1
        if place < result.count { return true }
        guard let more, result.count > 0, let next = try more() else {
            place = result.count
            return false
        }
        (result, place) = (next, 0)
        return next.count > 0
    }

    override var columnCount: Int32 { PQnfields(result.raw) }

    override func name(_ column: Int32) -> String { String(cString: PQfname(result.raw, column)) }

    override func isNamed(_ columns: ColumnNames) -> Bool {
        columns.terminated.enumerated().allSatisfy { strcmp(PQfname(result.raw, Int32($0)), $1) == 0 }
    }

    private static let known = KnownColumnNames()

    override var columnNames: ColumnNames { Self.known.names(of: result.sql, self) }

    private func isNull(_ column: Int32) -> Bool { PQgetisnull(result.raw, place, column) == 1 }

    override func type(_ column: Int32) -> DatabaseType {
        guard !isNull(column) else { return .null }
        switch PQftype(result.raw, column) {
        case PostgresConnection.TypeID.int8, PostgresConnection.TypeID.int4, PostgresConnection.TypeID.int2,
            PostgresConnection.TypeID.oid, PostgresConnection.TypeID.bool:
            return .integer
        case PostgresConnection.TypeID.float8, PostgresConnection.TypeID.float4: return .real
        // Sums of whole numbers, and means.
        case PostgresConnection.TypeID.numeric: return held(column).contains(UInt8(ascii: ".")) ? .real : .integer
        case PostgresConnection.TypeID.bytea: return .blob
        default: return .text
        }
    }

    private func held(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result.raw, place, column), count: Int(PQgetlength(result.raw, place, column)))
    }

    private func string(_ column: Int32) -> String { String(decoding: held(column), as: UTF8.self) }

    override func integer(_ column: Int32) -> Int64 {
        guard !isNull(column) else { return 0 }
        if PQftype(result.raw, column) == PostgresConnection.TypeID.bool {
            return held(column).first == UInt8(ascii: "t") ? 1 : 0
        }
        let text = string(column)
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) } ?? 0
    }

    override func real(_ column: Int32) -> Double { isNull(column) ? 0 : Double(string(column)) ?? 0 }

    override func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard PQftype(result.raw, column) == PostgresConnection.TypeID.bytea else { return held(column) }
        if let known = blobs[column] { return UnsafeRawBufferPointer(known) }
        // As text a blob is \x and two digits a byte.
        let digits = held(column).dropFirst(2)
        let blob = UnsafeMutableRawBufferPointer.allocate(byteCount: digits.count / 2, alignment: 1)
        var at = digits.startIndex
        for index in blob.indices {
            blob[index] = Self.value(digits[at]) << 4 | Self.value(digits[at + 1])
            at += 2
        }
        blobs[column] = blob
        return UnsafeRawBufferPointer(blob)
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit < UInt8(ascii: "a") ? digit &- UInt8(ascii: "0") : digit &- UInt8(ascii: "a") &+ 10
    }
}
