import UACodec

// Read and Write (Part 4, 5.11).
extension AddressSpace {
    /// Reads attributes.
    ///
    /// - Throws: what makes the whole request fail.
    func read(
        _ request: ReadRequest, by caller: Caller, limits: ServiceLimits
    ) throws(StatusError) -> [DataValue] {
        try checkCount(request.nodesToRead.count, limits.nodesPerRead)
        guard (0...3).contains(request.timestampsToReturn.rawValue) else {
            throw StatusError(.badTimestampsToReturnInvalid)
        }
        guard request.maxAge >= 0 else { throw StatusError(.badMaxAgeInvalid) }
        let now = time()
        return request.nodesToRead.map { item in
            read(item, request.timestampsToReturn, by: caller, now: now)
        }
    }

    func read(
        _ item: ReadValueId, _ timestamps: TimestampsToReturn, by caller: Caller, now: DateTime
    ) -> DataValue {
        var value = attribute(item, by: caller)
        let isValue = item.attributeId == AttributeId.value.rawValue
        if timestamps == .server || timestamps == .neither || !isValue {
            value.sourceTimestamp = nil
            value.sourcePicoseconds = nil
        }
        value.serverTimestamp = timestamps == .server || timestamps == .both ? now : nil
        return value
    }

    private func attribute(_ item: ReadValueId, by caller: Caller) -> DataValue {
        guard let node = self[item.nodeId] else { return DataValue(status: .badNodeIdUnknown) }
        guard let attribute = AttributeId(rawValue: item.attributeId) else {
            return DataValue(status: .badAttributeIdInvalid)
        }
        guard permits(attribute == .value ? .read : .browse, node, caller) else {
            return DataValue(status: attribute == .value ? .badUserAccessDenied : .badNodeIdUnknown)
        }
        guard attribute == .value else { return other(attribute, of: node, item, caller) }
        guard let variable = node.variable else { return DataValue(status: .badAttributeIdInvalid) }
        if let fault = encodingFault(item.dataEncoding, variable.dataType) { return DataValue(status: fault) }
        let value = variable.current
        guard let text = item.indexRange, !text.isEmpty else { return value }
        return part(text, of: value)
    }

    func part(_ text: String, of value: DataValue) -> DataValue {
        guard let range = IndexRange(text) else { return DataValue(status: .badIndexRangeInvalid) }
        guard let whole = value.value, !value.effectiveStatus.isBad else { return value }
        guard let part = range.select(from: whole) else { return DataValue(status: .badIndexRangeNoData) }
        var result = value
        result.value = part
        return result
    }

    private func encodingFault(_ encoding: QualifiedName, _ dataType: NodeId) -> StatusCode? {
        guard let name = encoding.name, !name.isEmpty else { return nil }
        // Only structures have encodings to choose from (Part 4, 7.29).
        guard isType(dataType, derivedFrom: BuiltInType.extensionObject.nodeId) else { return .badDataEncodingInvalid }
        guard encoding == "Default Binary" else {
            return encoding == "Default XML" || encoding == "Default JSON"
                ? .badDataEncodingUnsupported : .badDataEncodingInvalid
        }
        return nil
    }

    private func other(_ attribute: AttributeId, of node: Node, _ item: ReadValueId, _ caller: Caller) -> DataValue {
        guard item.indexRange?.isEmpty != false || attribute == .arrayDimensions else {
            return DataValue(status: .badIndexRangeNoData)
        }
        guard item.dataEncoding.name?.isEmpty != false else { return DataValue(status: .badDataEncodingInvalid) }
        let value = common(attribute, of: node) ?? special(attribute, of: node, caller)
        guard let value else { return DataValue(status: .badAttributeIdInvalid) }
        guard let text = item.indexRange, !text.isEmpty else { return DataValue(value) }
        return part(text, of: DataValue(value))
    }

    private func common(_ attribute: AttributeId, of node: Node) -> Variant? {
        switch attribute {
        case .nodeId: Variant(node.id)
        case .nodeClass: Variant(node.nodeClass.rawValue)
        case .browseName: Variant(node.browseName)
        case .displayName: Variant(node.displayName)
        case .description: node.text.map { Variant($0) }
        case .writeMask, .userWriteMask: Variant(UInt32(0))
        default: nil
        }
    }

    private func special(_ attribute: AttributeId, of node: Node, _ caller: Caller) -> Variant? {
        switch (node.content, attribute) {
        case (.object(let notifier), .eventNotifier): Variant(notifier)
        case (.variable(let variable), _): self.attribute(attribute, of: variable, node, caller)
        case (.method(let method), .executable): Variant(isExecutable(method, node))
        case (.method(let method), .userExecutable):
            Variant(isExecutable(method, node) && permits(.call, node, caller))
        case (.objectType(let isAbstract), .isAbstract), (.variableType(let isAbstract, _, _), .isAbstract),
            (.referenceType(let isAbstract, _, _), .isAbstract), (.dataType(let isAbstract, _), .isAbstract):
            Variant(isAbstract)
        case (.variableType(_, let dataType, _), .dataType): Variant(dataType)
        case (.variableType(_, _, let rank), .valueRank): Variant(rank)
        case (.referenceType(_, let symmetric, _), .symmetric): Variant(symmetric)
        case (.referenceType(_, _, let name?), .inverseName): Variant(name)
        case (.dataType(_, let definition?), .dataTypeDefinition): Variant(definition)
        default: nil
        }
    }

    private func isExecutable(_ method: Method, _ node: Node) -> Bool {
        method.handler != nil || OwnMethod(node.id) != nil
    }

    private func attribute(
        _ attribute: AttributeId, of variable: Variable, _ node: Node, _ caller: Caller
    ) -> Variant? {
        switch attribute {
        case .dataType: Variant(variable.dataType)
        case .valueRank: Variant(variable.valueRank)
        case .arrayDimensions: variable.valueRank > 0 ? Variant(variable.arrayDimensions) : nil
        case .accessLevel: Variant(variable.accessLevel)
        case .userAccessLevel: Variant(userAccess(variable, node, caller))
        case .accessLevelEx: Variant(UInt32(variable.accessLevel))
        case .minimumSamplingInterval: Variant(variable.minimumSamplingInterval)
        case .historizing: Variant(variable.history != nil)
        default: nil
        }
    }

    private func userAccess(_ variable: Variable, _ node: Node, _ caller: Caller) -> UInt8 {
        var level = variable.accessLevel
        if !permits(.read, node, caller) { level &= ~Variable.Access.read }
        if !permits(.write, node, caller) { level &= ~(Variable.Access.write | Variable.Access.timestampWrite) }
        if !permits(.readHistory, node, caller) { level &= ~Variable.Access.historyRead }
        return level
    }

    // MARK: Writing

    /// Writes values, one after the other; each has its own result.
    func write(
        _ request: WriteRequest, by caller: Caller, limits: ServiceLimits
    ) throws(StatusError) -> [StatusCode] {
        try checkCount(request.nodesToWrite.count, limits.nodesPerWrite)
        return request.nodesToWrite.map { write($0, by: caller) }
    }

    private func write(_ item: WriteValue, by caller: Caller) -> StatusCode {
        guard let node = self[item.nodeId], permits(.browse, node, caller) else { return .badNodeIdUnknown }
        guard let attribute = AttributeId(rawValue: item.attributeId) else { return .badAttributeIdInvalid }
        guard attribute == .value else {
            let probe = ReadValueId(nodeId: item.nodeId, attributeId: item.attributeId)
            return self.attribute(probe, by: caller).effectiveStatus == .badAttributeIdInvalid
                ? .badAttributeIdInvalid : .badNotWritable
        }
        guard let variable = node.variable else { return .badAttributeIdInvalid }
        guard let hook = variable.write else { return .badNotWritable }
        guard permits(.write, node, caller) else { return .badUserAccessDenied }
        // Some clients always say that what they write is good, and when it was.
        guard item.value.effectiveStatus == .good, item.value.serverTimestamp == nil else {
            return .badWriteNotSupported
        }
        do throws(StatusError) {
            let value = try whole(item, of: variable)
            guard let fitting = fit(value, dataType: variable.dataType, valueRank: variable.valueRank) else {
                return .badTypeMismatch
            }
            let data = DataValue(fitting, sourceTimestamp: item.value.sourceTimestamp ?? time())
            let status = hook(data, caller)
            if !status.isBad { set(data, node, variable) }
            return status
        } catch {
            return error.status
        }
    }

    /// What the variable's value becomes: what is written, or the value with a part of it replaced.
    private func whole(_ item: WriteValue, of variable: Variable) throws(StatusError) -> Variant {
        guard let given = item.value.value else { throw StatusError(.badTypeMismatch) }
        guard let text = item.indexRange, !text.isEmpty else { return given }
        guard let range = IndexRange(text) else { throw StatusError(.badIndexRangeInvalid) }
        guard let whole = variable.value.value, whole != .null else { throw StatusError(.badIndexRangeNoData) }
        let part: Variant =
            switch (whole, given) {
            case (.scalar(.byteString), .array(.byte(let bytes))): Variant(ByteString(bytes))
            case (.array(.byte), .scalar(.byteString(let bytes?))): Variant(bytes.bytes)
            default: given
            }
        guard part.type == whole.type else { throw StatusError(.badTypeMismatch) }
        guard let changed = range.replace(in: whole, by: part) else { throw StatusError(.badIndexRangeNoData) }
        return changed
    }

    /// The value as a variable or argument of that type takes it; nil where it does not.
    ///
    /// A ByteString and an array of Byte are the same (Part 4, 5.11.4).
    func fit(_ value: Variant, dataType: NodeId, valueRank: Int32) -> Variant? {
        guard let type = value.type else { return dataType.standardNumber == 24 ? value : nil }
        var value = value
        var given = type
        if builtInType(of: dataType) == .byte, valueRank != -1, case .scalar(.byteString(let bytes)) = value {
            value = Variant(bytes?.bytes ?? [])
            given = .byte
        } else if builtInType(of: dataType) == .byteString, valueRank == -1, case .array(.byte(let bytes)) = value {
            value = Variant(ByteString(bytes))
            given = .byteString
        }
        guard fits(rankOf: value, valueRank), fits(given, value, dataType) else { return nil }
        return value
    }

    private func fits(rankOf value: Variant, _ rank: Int32) -> Bool {
        let actual: Int32 =
            switch value {
            case .null, .scalar: -1
            case .array: 1
            case .matrix(_, let dimensions): Int32(dimensions.count)
            }
        return switch rank {
        case -3: actual == -1 || actual == 1
        case -2: true
        case -1: actual == -1
        case 0: actual > 0
        default: actual == rank
        }
    }

    private func fits(_ given: BuiltInType, _ value: Variant, _ dataType: NodeId) -> Bool {
        if dataType.standardNumber == 24 { return true }
        guard let wanted = builtInType(of: dataType) else {
            // Number, Integer, UInteger: any of the numbers below it.
            return isType(given.nodeId, derivedFrom: dataType)
        }
        guard wanted == given else { return false }
        guard given == .extensionObject, dataType != BuiltInType.extensionObject.nodeId else { return true }
        let bodies: [ExtensionObject] =
            value.values(of: ExtensionObject.self) ?? value.value(as: ExtensionObject.self).map { [$0] } ?? []
        return bodies.allSatisfy { body in
            guard let type = structureType(of: body.typeId) else { return body.typeId.isNull }
            return isType(type, derivedFrom: dataType)
        }
    }

    /// The data type that an encoding's node belongs to; of the standard's own types the name of the structure says it.
    private func structureType(of encoding: NodeId) -> NodeId? {
        if let node = self[encoding],
            let reference = node.references.first(where: { !$0.isForward && $0.type == ReferenceType.hasEncoding })
        {
            return reference.target
        }
        return TypeRegistry.standard.dataType(encoding: encoding)
    }
}
