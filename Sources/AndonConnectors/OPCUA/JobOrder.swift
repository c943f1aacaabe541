import AndonModel

/// Our order as an ISA95JobOrderDataType (OPC 10031-4, 7.3.4), and what is added to one later.
struct JobOrder {
    var json: [String: JSON]

    init(_ json: JSON) { self.json = json.object ?? [:] }

    init(_ order: WorkOrder, _ options: JobControlOptions) throws(ConnectorError) {
        let values = OrderText(order).fields.mapValues(\.withoutControls)
        let place = order.place
        let priority = options.priorities.word(for: order.priority).flatMap { Int($0) } ?? order.priority
        json = [
            "JobOrderID": .string(order.reference.text), "Description": [.string(values["title"] ?? "")],
            "Priority": .integer(priority), "JobOrderParameters": .array(try Self.parameters(values, options)),
            "PhysicalAssetRequirements": [
                Self.resource(place.asset, "PhysicalAssetUse", "Maintain", place.assetName)
            ],
            "EquipmentRequirements": .array(
                [Self.resource(order.camera, "EquipmentUse", "Camera", nil)]
                    + [place.zone.map { Self.resource($0, "EquipmentUse", "Zone", place.zoneName) }].compactMap { $0 }),
        ]
        json["StartTime"] = order.scheduledAt.map { .time($0) }
        json["WorkMasterID"] = options.workMaster.map { [["ID": .string($0)]] }
        json["MaterialRequirements"] = values["lot"].map {
            [["MaterialLotID": .string($0), "MaterialUse": "Inspected"]]
        }
    }

    private static func resource(_ id: String, _ useName: String, _ use: String, _ name: String?) -> JSON {
        .object(present: [
            "ID": .string(id.withoutControls), useName: .string(use),
            "Description": name.map { [.string($0.withoutControls)] },
        ])
    }

    private static func parameters(
        _ values: [String: String], _ options: JobControlOptions
    ) throws(ConnectorError) -> [JSON] {
        let filled = try options.parameters.filled(with: values)
        return options.parameters.fields.compactMap { field in
            filled[field.name].map { ["ID": .string(field.name), "Value": typed($0, field.form)] }
        }
    }

    /// What has no declared type says its own.
    private static func typed(_ value: JSON, _ form: FieldMapping.Form) -> JSON {
        switch form {
        case .time: ["type": "DateTime", "value": value]
        case .integer: ["type": "Int32", "value": value]
        case .number: ["type": "Double", "value": value]
        case .prose, .line, .code, .text: ["type": "String", "value": value]
        }
    }

    var id: String? { json["JobOrderID"]?.string }

    var parameters: [JSON] { json["JobOrderParameters"]?.array ?? [] }

    /// The parameter of that name.
    func parameter(_ id: String) -> JSON? { parameters.first { $0["ID"]?.string == id } }

    /// Puts a parameter behind the others; one of the same name is replaced.
    mutating func set(_ parameter: JSON) {
        json["JobOrderParameters"] = .array(parameters.filter { $0["ID"] != parameter["ID"] } + [parameter])
    }

    static func noteID(_ note: Note) -> String { "Note \(note.key)" }

    static func note(_ note: Note) -> JSON {
        [
            "ID": .string(noteID(note)), "Description": [.string(note.title)],
            "Value": ["type": "String", "value": .string(note.text.withoutControls)],
        ]
    }

    /// A picture, whose bytes take the place of the mark when the request goes out.
    static func picture(_ attachment: Attachment) -> JSON {
        func sub(_ id: String, _ value: String) -> JSON {
            ["ID": .string(id), "Value": ["type": "String", "value": .string(value)]]
        }
        return [
            "ID": .string(attachment.fileName), "Description": [.string(attachment.title)],
            "Value": ["base64": .string(OPCUAServer.picturePlace)],
            "Subparameters": [
                sub("MimeType", attachment.picture.mediaType.rawValue), sub("Sha256", attachment.picture.sha256),
            ],
        ]
    }
}

/// A ReturnStatus of Job Control: a bit map in which bit 0 means that there is no error (OPC 10031-4, B.2).
struct JobStatus {
    private let bits: UInt64

    init?(_ result: JSON) {
        let value = result["outputs"]?["ReturnStatus"]
        guard let bits = value?.string.flatMap({ UInt64($0) }) ?? value?.number.flatMap({ UInt64(exactly: $0) }) else {
            return nil
        }
        self.bits = bits
    }

    /// Some receivers take it for an enumeration with 0 for success.
    var isGood: Bool { bits & 1 == 1 || bits == 0 }
    var isUnknownID: Bool { has(1) }
    var isWrongState: Bool { has(3) }
    var isUnable: Bool { has(4) }

    private func has(_ bit: UInt64) -> Bool { !isGood && bits >> bit & 1 == 1 }

    private static let names: [UInt64: String] = [
        1: "it does not know the job order", 3: "the job order is not in a state for that",
        4: "it is unable to accept it", 32: "it calls the request invalid",
    ]

    var words: String {
        let all = (1..<64).filter { bits >> $0 & 1 == 1 }.map { Self.names[$0] ?? "its own reason, bit \($0)" }
        return "\(all.joined(separator: ", ")) (ReturnStatus \(bits))"
    }
}
