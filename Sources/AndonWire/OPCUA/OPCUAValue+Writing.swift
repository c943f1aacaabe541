import AndonModel
import Foundation
import UACodec

extension OPCUAValue {
    /// A value of a built-in type, where nothing of it is lost: numbers that fit, text that says a number or a time, words
    /// for a text.
    func builtIn(_ json: JSON, _ type: BuiltInType, _ name: String) throws(Mismatch) -> Variant.Scalar {
        if json == .null, let nothing = Self.nothing(type) { return nothing }
        let made: Variant.Scalar? =
            switch type {
            case .boolean:
                (json.bool ?? json.string.flatMap { ["true": true, "false": false][$0.lowercased()] })
                    .map { .boolean($0) }
            case .sbyte, .byte, .int16, .uint16, .int32, .uint32, .int64, .uint64: Self.integer(json, type)
            case .float: Self.number(json).flatMap { Float($0).isFinite ? .float(Float($0)) : nil }
            case .double: Self.number(json).map { .double($0) }
            case .string: Self.words(json).map { .string($0) }
            case .localizedText: Self.localized(json).map { .localizedText($0) }
            case .dateTime:
                json.string.flatMap(Timestamp.init).map {
                    .dateTime(DateTime(unixMicroseconds: $0.microseconds))
                }
            case .guid: json.string.flatMap { Guid($0) }.map { .guid($0) }
            case .byteString: try bytes(json, name).map { .byteString($0) }
            case .xmlElement: json.string.map { .xmlElement(XmlElement($0)) }
            case .nodeId: json.string.flatMap { nodeId($0) }.map { .nodeId($0) }
            case .expandedNodeId: json.string.flatMap { nodeId($0) }.map { .expandedNodeId(ExpandedNodeId($0)) }
            case .statusCode: json.string.flatMap { StatusCode(name: $0) }.map { .statusCode($0) }
            case .qualifiedName: qualified(json).map { .qualifiedName($0) }
            default: nil
            }
        guard let made else {
            let shown =
                json.string.map { "\"\($0.cut(to: 60))\"" } ?? json.number.map(JSON.ecmaScriptText) ?? json.kindName
            throw Mismatch(words: "\(name) takes \(Self.words(for: type)), and \(shown) is none")
        }
        return made
    }

    /// The null of a type that has one.
    static func nothing(_ type: BuiltInType) -> Variant.Scalar? {
        switch type {
        case .string: .string(nil)
        case .byteString: .byteString(nil)
        case .xmlElement: .xmlElement(nil)
        case .localizedText: .localizedText(.null)
        case .qualifiedName: .qualifiedName(.null)
        case .dateTime: .dateTime(.null)
        case .nodeId: .nodeId(.null)
        case .extensionObject: .extensionObject(.null)
        default: nil
        }
    }

    private static func words(for type: BuiltInType) -> String {
        switch type {
        case .boolean: "true or false"
        case .dateTime: "a time like 2026-11-23T21:09:00Z"
        case .byteString: "bytes as {\"base64\": …}"
        default: "a \(type.name)"
        }
    }

    private static func integer(_ json: JSON, _ type: BuiltInType) -> Variant.Scalar? {
        func exactly<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
            switch json {
            case .number(let number): Value(exactly: number)
            case .string(let text): Value(text.trimmed) ?? Double(text.trimmed).flatMap { Value(exactly: $0) }
            default: nil
            }
        }
        return switch type {
        case .sbyte: exactly(Int8.self).map { .sbyte($0) }
        case .byte: exactly(UInt8.self).map { .byte($0) }
        case .int16: exactly(Int16.self).map { .int16($0) }
        case .uint16: exactly(UInt16.self).map { .uint16($0) }
        case .int32: exactly(Int32.self).map { .int32($0) }
        case .uint32: exactly(UInt32.self).map { .uint32($0) }
        case .int64: exactly(Int64.self).map { .int64($0) }
        default: exactly(UInt64.self).map { .uint64($0) }
        }
    }

    private static func number(_ json: JSON) -> Double? {
        (json.number ?? json.string.flatMap { Double($0.trimmed) }).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func words(_ json: JSON) -> String? {
        switch json {
        case .string(let text): text
        case .number(let number): JSON.ecmaScriptText(of: number)
        case .bool(let value): "\(value)"
        case .null, .array, .object: nil
        }
    }

    private static func localized(_ json: JSON) -> LocalizedText? {
        if let text = words(json) { return LocalizedText(text) }
        guard json["text"]?.string != nil || json["locale"]?.string != nil else { return nil }
        return LocalizedText(json["text"]?.string, locale: json["locale"]?.string)
    }

    private func bytes(_ json: JSON, _ name: String) throws(Mismatch) -> ByteString? {
        guard let data = json["base64"]?.string.flatMap({ Data(base64Encoded: $0) }) else { return nil }
        guard byteStringMax == 0 || data.count <= byteStringMax else {
            throw Mismatch(
                words: "\(name) has \(data.count) bytes, and the server takes \(byteStringMax) (MaxByteStringLength)",
                isTooLarge: true)
        }
        return ByteString(data)
    }

    /// `nsu=urn:line;s=Lot` with the index that the URI has in this session.
    func nodeId(_ text: String) -> NodeId? {
        guard text.hasPrefix("nsu=") else { return NodeId(text) }
        guard let end = text.firstIndex(of: ";") else { return nil }
        let uri = String(text[..<end].dropFirst(4)).replacing("%3B", with: ";").replacing("%25", with: "%")
        guard let index = namespaces.firstIndex(of: uri).flatMap({ UInt16(exactly: $0) }),
            let node = NodeId(String(text[text.index(after: end)...]))
        else { return nil }
        return NodeId(namespace: index, node.identifier)
    }

    private func qualified(_ json: JSON) -> QualifiedName? {
        if let name = json.string { return QualifiedName(name) }
        guard let name = json["name"]?.string else { return nil }
        guard let uri = json["namespace"]?.string else { return QualifiedName(name) }
        return namespaces.firstIndex(of: uri).flatMap { UInt16(exactly: $0) }.map { QualifiedName(name, namespace: $0) }
    }

    // MARK: Any type

    /// For a place that takes any type: the type that is said beside the value, or the one that JSON has.
    func anything(_ json: JSON, _ name: String) throws(Mismatch) -> Variant {
        switch json {
        case .null: return .null
        case .bool(let value): return Variant(value)
        case .number(let value): return Variant(value)
        case .string(let text): return Variant(text)
        case .array(let elements):
            var all: [Variant] = []
            for (place, element) in elements.enumerated() { all.append(try anything(element, "\(name)[\(place)]")) }
            return Variant(all)
        case .object(let members):
            if members["base64"] != nil { return .scalar(try builtIn(json, .byteString, name)) }
            guard let word = members["type"]?.string, let value = members["value"] else {
                throw Mismatch(words: "\(name) takes any type: say which, as {\"type\": \"Int32\", \"value\": 3}")
            }
            return try typed(value, word, name)
        }
    }

    private func typed(_ value: JSON, _ word: String, _ name: String) throws(Mismatch) -> Variant {
        let kind: TypeRegistry.Kind
        if let type = BuiltInType.allCases.first(where: { $0.name == word }) {
            kind = .builtIn(type)
        } else if let id = nodeId(word), let known = types.kind(of: id) {
            kind = known
        } else {
            throw Mismatch(words: "\(name) says that it is a \(word), which is no type that is known here")
        }
        if let elements = value.array { return .array(try array(elements, kind, name)) }
        return .scalar(try scalar(value, kind, name))
    }
}

extension BuiltInType {
    /// As the standard writes it.
    var name: String {
        switch self {
        case .sbyte: "SByte"
        case .uint16: "UInt16"
        case .uint32: "UInt32"
        case .uint64: "UInt64"
        default: "\(self)".prefix(1).uppercased() + "\(self)".dropFirst()
        }
    }
}
