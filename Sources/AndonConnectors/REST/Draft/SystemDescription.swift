import AndonModel
import Foundation

/// What a system says of itself, in the words that a mapping file needs: its operations and their fields.
public struct SystemDescription: Sendable {
    public struct Field: Sendable, Hashable {
        public var name: String
        /// As the description has it: `string`, `integer`, `number`, `boolean`, `Edm.String` and others.
        public var type: String
        public var format: String?
        public var maxLength: Int?
        public var isRequired = false
        public var words: [String] = []
        /// What people call it, where the description says so.
        public var label: String?
    }

    public struct Operation: Sendable {
        public var method: String
        public var path: String
        public var parameters: [Field] = []
        public var body: [Field] = []
        public var bodyType: String?
        public var answer: [Field] = []
        /// Where the list stands in the answer; nil when the answer is one record.
        public var rows: String?
        public var about = ""
    }

    public struct Fault: Error, CustomStringConvertible {
        public var description: String

        public init(description: String) {
            self.description = description
        }
    }

    public var title: String
    public var isOData = false
    public var operations: [Operation] = []
    public var signIn: String?

    // MARK: OpenAPI

    /// Reads an OpenAPI 3 document (spec.openapis.org, version 3.0 and 3.1) that was parsed to JSON.
    public init(openAPI json: JSON) throws {
        guard json["openapi"]?.string?.hasPrefix("3") == true else {
            let version = json["swagger"]?.string ?? json["openapi"]?.string ?? "none"
            throw Fault(
                description: "this is no OpenAPI 3 document (its version is \(version)); convert it to version 3 first")
        }
        guard let paths = json["paths"]?.object, !paths.isEmpty else {
            throw Fault(description: "the document has no paths")
        }
        title = json["info"]?["title"]?.string ?? "a system"
        let reader = OpenAPIReader(document: json)
        for (path, item) in paths.sorted(by: { $0.key < $1.key }) {
            for method in ["get", "post", "put", "patch", "delete"] {
                guard let operation = item[method] else { continue }
                operations.append(reader.operation(method.uppercased(), path, operation, shared: item["parameters"]))
            }
        }
        signIn = reader.signIn
    }

    // MARK: OData

    /// Reads the metadata of an OData service (OData version 2 to 4, CSDL XML).
    public init(oDataMetadata bytes: [UInt8]) throws {
        let limits = XMLText.Limits(bytes: 64 << 20, depth: 32, nodes: 2_000_000)
        guard let root = XMLText.parse(bytes, limits: limits) else {
            throw Fault(description: "this is no OData metadata: it is not well-formed XML without a document type")
        }
        var reader = CSDLReader()
        reader.read(root)
        guard !reader.sets.isEmpty else {
            throw Fault(description: "this is no OData metadata: it has no entity sets")
        }
        title = reader.namespace ?? "an OData service"
        isOData = true
        for set in reader.sets {
            guard let entity = reader.types[set.type] else { continue }
            let fields = entity.fields
            operations.append(
                Operation(method: "POST", path: "/\(set.name)", body: fields, bodyType: "json", answer: fields))
            operations.append(Operation(method: "GET", path: "/\(set.name)", answer: fields, rows: "*"))
            let key = entity.keys.first.flatMap { name in fields.first { $0.name == name } }
            let isText = key.map { $0.type.hasSuffix("String") } ?? true
            operations.append(
                Operation(
                    method: "GET", path: isText ? "/\(set.name)('{id}')" : "/\(set.name)({id})",
                    parameters: key.map { [$0] } ?? [], answer: fields))
        }
    }
}

/// `$ref` and `allOf` followed, to a depth.
struct OpenAPIReader {
    let document: JSON

    private static let depthMax = 12

    var signIn: String? {
        for (_, scheme) in (document["components"]?["securitySchemes"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch (scheme["type"]?.string, scheme["scheme"]?.string) {
            case ("http", "basic"): return "basic"
            case ("http", "bearer"): return "bearer"
            case ("apiKey", _):
                let place = scheme["in"]?.string == "query" ? "apiKeyQuery" : "apiKeyHeader"
                return "apiKey, \(place): \(scheme["name"]?.string ?? "X-API-Key")"
            case ("oauth2", _): return "oauth"
            default: continue
            }
        }
        return nil
    }

    func operation(_ method: String, _ path: String, _ json: JSON, shared: JSON?) -> SystemDescription.Operation {
        var operation = SystemDescription.Operation(method: method, path: path)
        operation.about = json["summary"]?.string ?? json["operationId"]?.string ?? ""
        let parameters = ((shared?.array ?? []) + (json["parameters"]?.array ?? [])).map(resolved)
        operation.parameters = parameters.filter { $0["in"]?.string == "query" }.compactMap { parameter in
            parameter["name"]?.string.map {
                field($0, parameter["schema"] ?? .null, required: parameter["required"]?.bool == true)
            }
        }
        let content = json["requestBody"].map(resolved)?["content"]?.object ?? [:]
        for (type, name) in [("json", "json"), ("multipart/form-data", "multipart"), ("urlencoded", "form")] {
            guard let found = content.first(where: { $0.key.contains(type) })?.value else { continue }
            operation.bodyType = name
            operation.body = fields(of: found["schema"] ?? .null)
            break
        }
        if operation.bodyType == nil, let type = content.keys.sorted().first { operation.bodyType = type }
        let responses = json["responses"]?.object ?? [:]
        let success = ["200", "201", "202", "default"].lazy.compactMap { responses[$0] }.first.map(resolved)
        let schema =
            success?["content"]?.object?.first { $0.key.contains("json") }?.value["schema"].map(resolved) ?? .null
        (operation.answer, operation.rows) = answer(schema)
        return operation
    }

    /// The record's fields and where the list stands.
    private func answer(_ schema: JSON) -> ([SystemDescription.Field], String?) {
        if schema["type"]?.string == "array" { return (fields(of: schema["items"] ?? .null), "") }
        let members = properties(schema)
        for (name, member) in members.sorted(by: { $0.key < $1.key }) where member["type"]?.string == "array" {
            let items = fields(of: member["items"] ?? .null)
            if items.count > 2, members.count <= items.count { return (items, "/\(JSONPointer.escape(name))") }
        }
        return (fields(of: schema), nil)
    }

    func resolved(_ json: JSON) -> JSON { resolved(json, depth: 0) }

    private func resolved(_ json: JSON, depth: Int) -> JSON {
        guard depth < Self.depthMax, let reference = json["$ref"]?.string, reference.hasPrefix("#") else { return json }
        return document.value(at: String(reference.dropFirst())).map { resolved($0, depth: depth + 1) } ?? .null
    }

    private func properties(_ schema: JSON, depth: Int = 0) -> [String: JSON] {
        guard depth < Self.depthMax else { return [:] }
        let schema = resolved(schema)
        var members = schema["properties"]?.object ?? [:]
        for part in (schema["allOf"]?.array ?? []) + (schema["oneOf"]?.array ?? []) + (schema["anyOf"]?.array ?? []) {
            members.merge(properties(part, depth: depth + 1)) { own, _ in own }
        }
        return members.mapValues { resolved($0) }
    }

    private func fields(of schema: JSON) -> [SystemDescription.Field] {
        let required = Set((resolved(schema)["required"]?.array ?? []).compactMap(\.string))
        return properties(schema).sorted { $0.key < $1.key }.map {
            field($0.key, $0.value, required: required.contains($0.key))
        }
    }

    private func field(_ name: String, _ schema: JSON, required: Bool) -> SystemDescription.Field {
        let schema = resolved(schema)
        let type =
            schema["type"]?.string ?? schema["type"]?[0]?.string ?? (schema["properties"] == nil ? "string" : "object")
        return SystemDescription.Field(
            name: name, type: type, format: schema["format"]?.string, maxLength: schema["maxLength"]?.integer,
            isRequired: required, words: (schema["enum"]?.array ?? []).compactMap { RESTPath.text(of: $0) },
            label: schema["title"]?.string ?? schema["description"]?.string)
    }
}

/// Entity types and sets of a CSDL document.
struct CSDLReader {
    struct Entity {
        var keys: [String] = []
        var fields: [SystemDescription.Field] = []
    }

    private(set) var namespace: String?
    private(set) var types: [String: Entity] = [:]
    private(set) var sets: [(name: String, type: String)] = []

    mutating func read(_ node: XMLTag) {
        switch node.name {
        case "Schema": namespace = node.attributes["Namespace"]
        case "EntityType":
            guard let name = node.attributes["Name"], types.count < 10_000 else { return }
            types[name] = Self.entity(node)
            return
        case "EntitySet":
            guard let name = node.attributes["Name"], let type = node.attributes["EntityType"] else { return }
            sets.append((name, type.split(separator: ".").last.map(String.init) ?? type))
        default: break
        }
        for child in node.children { read(child) }
    }

    private static func entity(_ node: XMLTag) -> Entity {
        let keys = node.children.filter { $0.name == "Key" }.flatMap(\.children)
            .filter { $0.name == "PropertyRef" }.compactMap { $0.attributes["Name"] }
        let fields = node.children.filter { $0.name == "Property" }.compactMap { property in
            property.attributes["Name"].map { field($0, property.attributes) }
        }
        return Entity(keys: keys, fields: fields)
    }

    private static func field(_ name: String, _ attributes: [String: String]) -> SystemDescription.Field {
        let isReadOnly = attributes.contains { $0.key.hasSuffix("creatable") && $0.value == "false" }
        return SystemDescription.Field(
            name: name, type: attributes["Type"] ?? "Edm.String", format: isReadOnly ? "readOnly" : nil,
            maxLength: attributes["MaxLength"].flatMap { Int($0) }, isRequired: attributes["Nullable"] == "false",
            label: attributes.first { $0.key.hasSuffix("label") }?.value)
    }
}
