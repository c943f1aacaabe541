extension JSON {
    /// A value as its type's `Encodable` says it, without a text in between: what Foundation's `JSONEncoder` writes of the
    /// model's types, at a part of its cost, as values that are JSON themselves go in as they are.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot hold.
    public init(of value: some Encodable) throws {
        let place = JSONPlace(codingPath: [])
        try JSONValueEncoder(place: place).encode(value)
        self = place.json
    }
}

extension Encodable {
    /// The text that is kept of the value, in the canonical form (RFC 8785). `Decodable.init(kept:)` reads it.
    ///
    /// - Throws: `EncodingError`.
    public func keptText() throws -> String { try JSON(of: self).canonicalText }
}

/// The place that one value is written to, with what is written there so far.
private final class JSONPlace {
    enum Content {
        case nothing
        case value(JSON)
        case members([String: JSONPlace])
        case elements([JSONPlace])
    }

    let codingPath: [any CodingKey]
    var content = Content.nothing

    init(codingPath: [any CodingKey], _ content: Content = .nothing) {
        (self.codingPath, self.content) = (codingPath, content)
    }

    /// A type that says nothing is an object without members, as Foundation has it.
    var json: JSON {
        switch content {
        case .nothing: .object([:])
        case .value(let value): value
        case .members(let members): .object(members.mapValues(\.json))
        case .elements(let elements): .array(elements.map(\.json))
        }
    }

    func put(_ value: JSON) { content = .value(value) }

    func put(_ number: Double) throws { content = .value(try Self.checked(number, codingPath)) }

    func put(_ number: some BinaryInteger) throws { content = .value(try Self.checked(number, codingPath)) }

    static func checked(_ number: Double, _ path: [any CodingKey]) throws -> JSON {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                number, .init(codingPath: path, debugDescription: "JSON has no number \(number)"))
        }
        return .number(number)
    }

    static func checked(_ number: some BinaryInteger, _ path: [any CodingKey]) throws -> JSON {
        guard let exact = Double(exactly: number) else {
            throw EncodingError.invalidValue(
                number,
                .init(codingPath: path, debugDescription: "\(number) has more digits than a number of JSON keeps"))
        }
        return .number(exact)
    }

    /// A place for a member, empty.
    func member(_ key: any CodingKey) -> JSONPlace {
        let place = JSONPlace(codingPath: codingPath + [key])
        if case .members(var members) = content {
            content = .nothing
            members[key.stringValue] = place
            content = .members(members)
        }
        return place
    }

    /// A place for a further element, empty.
    func element() -> JSONPlace {
        let place = JSONPlace(codingPath: codingPath)
        if case .elements(var elements) = content {
            content = .nothing
            elements.append(place)
            content = .elements(elements)
        }
        return place
    }

    var elementCount: Int {
        if case .elements(let elements) = content { return elements.count }
        return 0
    }

    func open(_ wanted: Content) {
        if case .nothing = content { content = wanted }
    }
}

private struct JSONValueEncoder: Encoder {
    let place: JSONPlace
    var codingPath: [any CodingKey] { place.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        place.open(.members([:]))
        return KeyedEncodingContainer(JSONMembersEncoder(place: place))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        place.open(.elements([]))
        return JSONElementsEncoder(place: place)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { place.put(.null) }
    func encode(_ value: Bool) { place.put(.bool(value)) }
    func encode(_ value: String) { place.put(.string(value)) }
    func encode(_ value: Double) throws { try place.put(value) }
    func encode(_ value: Float) throws { try place.put(Double(value)) }
    func encode(_ value: Int) throws { try place.put(value) }
    func encode(_ value: Int8) throws { try place.put(value) }
    func encode(_ value: Int16) throws { try place.put(value) }
    func encode(_ value: Int32) throws { try place.put(value) }
    func encode(_ value: Int64) throws { try place.put(value) }
    func encode(_ value: UInt) throws { try place.put(value) }
    func encode(_ value: UInt8) throws { try place.put(value) }
    func encode(_ value: UInt16) throws { try place.put(value) }
    func encode(_ value: UInt32) throws { try place.put(value) }
    func encode(_ value: UInt64) throws { try place.put(value) }
    func encode<Value: Encodable>(_ value: Value) throws {
        if Value.self == JSON.self, let json = value as? JSON { return place.put(json) }
        if Value.self == [String: JSON].self, let members = value as? [String: JSON] {
            return place.put(.object(members))
        }
        try value.encode(to: self)
    }
}

private struct JSONMembersEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: JSONPlace
    var codingPath: [any CodingKey] { place.codingPath }

    private func at(_ key: Key) -> JSONValueEncoder { JSONValueEncoder(place: place.member(key)) }

    func encodeNil(forKey key: Key) { at(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) { at(key).encode(value) }
    func encode(_ value: String, forKey key: Key) { at(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Float, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Int8, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Int16, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Int32, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: UInt, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: UInt8, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: UInt16, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: UInt32, forKey key: Key) throws { try at(key).encode(value) }
    func encode(_ value: UInt64, forKey key: Key) throws { try at(key).encode(value) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try at(key).encode(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { at(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { at(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { JSONValueEncoder(place: place.member(Super())) }
    func superEncoder(forKey key: Key) -> any Encoder { at(key) }
}

private struct Super: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }
    init() {}
    init?(stringValue: String) { return nil }
    init?(intValue: Int) { return nil }
}

private struct JSONElementsEncoder: UnkeyedEncodingContainer {
    let place: JSONPlace
    var codingPath: [any CodingKey] { place.codingPath }
    var count: Int { place.elementCount }

    private func next() -> JSONValueEncoder { JSONValueEncoder(place: place.element()) }

    func encodeNil() { next().encodeNil() }
    func encode(_ value: Bool) { next().encode(value) }
    func encode(_ value: String) { next().encode(value) }
    func encode(_ value: Double) throws { try next().encode(value) }
    func encode(_ value: Float) throws { try next().encode(value) }
    func encode(_ value: Int) throws { try next().encode(value) }
    func encode(_ value: Int8) throws { try next().encode(value) }
    func encode(_ value: Int16) throws { try next().encode(value) }
    func encode(_ value: Int32) throws { try next().encode(value) }
    func encode(_ value: Int64) throws { try next().encode(value) }
    func encode(_ value: UInt) throws { try next().encode(value) }
    func encode(_ value: UInt8) throws { try next().encode(value) }
    func encode(_ value: UInt16) throws { try next().encode(value) }
    func encode(_ value: UInt32) throws { try next().encode(value) }
    func encode(_ value: UInt64) throws { try next().encode(value) }
    func encode<Value: Encodable>(_ value: Value) throws { try next().encode(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        next().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
    func superEncoder() -> any Encoder { next() }
}
