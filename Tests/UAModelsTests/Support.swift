import Foundation
import Testing
import UACodec

/// Random numbers that a seed repeats (SplitMix64, Steele and others 2014).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}

func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8.filter { $0 != 0x20 && $0 != 0x0A })
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) ?? 0
    }
}

func hex(_ bytes: [UInt8]) -> String { "\(ByteString(bytes))" }

/// Structures of a schema with values at random.
enum RandomStructure {
    static func make(
        _ schema: StructureSchema, _ types: TypeRegistry, _ random: inout SeededRandom, depth: Int
    ) -> DynamicStructure {
        let isOptional = schema.definition.structureType == .structureWithOptionalFields
        let isSubtyped = schema.definition.structureType == .structureWithSubtypedValues
        let fields = schema.definition.fields.map { field -> DynamicStructure.Field in
            let leaves = isOptional && field.isOptional && (depth > 2 || random.int(0...2) == 0)
            guard !leaves, let kind = types.kind(of: field.dataType) else {
                return .init(field.name ?? "", nil, isOptional: isOptional && field.isOptional)
            }
            var value = value(kind, isArray: field.valueRank == 1, types, &random, depth)
            if isSubtyped, field.isOptional, case .structure(.dynamic(let inner)) = value {
                value = .builtIn(Variant(ExtensionObject(inner)))
            }
            return .init(field.name ?? "", value, isOptional: isOptional && field.isOptional)
        }
        return DynamicStructure(
            typeId: schema.encodingId, name: schema.name, layout: isOptional ? .optionalFields : .plain, fields: fields)
    }

    private static func value(
        _ kind: TypeRegistry.Kind, isArray: Bool, _ types: TypeRegistry, _ random: inout SeededRandom, _ depth: Int
    ) -> DynamicStructure.Value {
        let count = isArray ? random.int(1...2) : 1
        switch kind {
        case .schema(let schema):
            let all = (0..<count).map { _ in StructureValue.dynamic(make(schema, types, &random, depth: depth + 1)) }
            return isArray ? .structures(all, dimensions: []) : .structure(all[0])
        case .enumeration: return .builtIn(Variant(Int32(random.int(0...3))))
        case .structure: return .builtIn(.null)
        case .builtIn(let type): return .builtIn(builtIn(type, isArray ? count : nil, &random))
        }
    }

    private static func builtIn(_ type: BuiltInType, _ count: Int?, _ random: inout SeededRandom) -> Variant {
        func all<Value: VariantValue>(_ make: (inout SeededRandom) -> Value) -> Variant {
            let values = (0..<(count ?? 1)).map { _ in make(&random) }
            return count == nil ? Variant(values[0]) : Variant(values)
        }
        switch type {
        case .boolean: return all { $0.int(0...1) == 1 }
        case .int16: return all { Int16($0.int(-300...300)) }
        case .int32: return all { Int32($0.int(-70_000...70_000)) }
        case .int64: return all { Int64(truncatingIfNeeded: $0.next()) }
        case .uint32: return all { UInt32($0.int(0...100_000)) }
        case .double: return all { Double($0.int(-1000...1000)) / 8 }
        case .dateTime: return all { DateTime(unixMicroseconds: Int64($0.int(0...2_000_000_000)) * 1_000_000) }
        case .nodeId: return all { NodeId(UInt32($0.int(0...100_000))) }
        case .localizedText:
            return all { LocalizedText("text \($0.int(0...99))", locale: $0.int(0...1) == 0 ? "en" : nil) }
        case .qualifiedName: return all { QualifiedName("name \($0.int(0...99))") }
        case .byteString:
            let values = (0..<(count ?? 1)).map { _ in ByteString([UInt8(random.int(0...255))]) as ByteString? }
            return count == nil ? Variant(values[0]) : Variant(values)
        case .variant: return all { Variant(Int32($0.int(0...99))) }
        default:
            let values = (0..<(count ?? 1)).map { _ in "text \(random.int(0...99)) 水" as String? }
            return count == nil ? Variant(values[0]) : Variant(values)
        }
    }
}

/// o6 in a process of its own, which writes again what it read.
final class Counterpart {
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua and o6: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var kept: [UInt8] = []

    init() throws {
        let python = try #require(Self.python)
        process.executableURL = URL(fileURLWithPath: python)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/again.py")
        process.arguments = ["-W", "ignore", script.path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        while try line() != "ready" {}
    }

    deinit { process.terminate() }

    func again(_ model: String, _ name: String, _ bytes: [UInt8]) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data("\(model) \(name) \(hex(bytes))\n".utf8))
        do { return try line() } catch { throw Ended(question: "\(model) \(name) \(hex(bytes))") }
    }

    private struct Ended: Error { var question = "" }

    private func line() throws -> String {
        while true {
            if let end = kept.firstIndex(of: 10) {
                defer { kept.removeFirst(end + 1) }
                return String(decoding: kept[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Ended() }
            kept += more
        }
    }
}
