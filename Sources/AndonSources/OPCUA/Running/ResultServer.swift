import AndonModel
import UAClient
import UACodec

/// The methods of a vision system's ResultManagement.
struct ResultServer: Sendable {
    let client: UAClient
    let model: ResultModel
    /// The ResultManagement object.
    let node: ExpandedNodeId

    /// Results of one page, and pages of one list.
    private static let pageSize: UInt32 = 100
    private static let pagesMax: UInt32 = 1_000
    /// How long the server keeps what it prepared for us, in milliseconds; it is released at once.
    private static let holdMilliseconds = Variant(Int32(30_000))
    /// Variables of a Results folder that are read.
    private static let folderMax = 10_000

    private func name(_ text: String) -> BrowseName { BrowseName(text, in: model.namespace) }

    private func call(_ method: String, _ arguments: [Variant]) async throws(ClientError) -> [Variant] {
        let methodId = try await client.translate([name(method)], from: node)
        return try await client.call(methodId, on: node, arguments).outputs
    }

    private func index() async throws(ClientError) -> UInt16 {
        guard let index = await client.namespaces.index(of: model.namespace) else {
            throw .missing("the server has no namespace \(model.namespace)")
        }
        return index
    }

    /// ResultIdDataType, or the text that 40001-101 has for it.
    private func identifier(_ id: String) async throws(ClientError) -> Variant {
        switch model {
        case .machineVision: Variant(ExtensionObject(Self.resultId(id, try await index())))
        case .machinery: Variant(id)
        }
    }

    private static func resultId(_ id: String, _ index: UInt16) -> DynamicStructure {
        DynamicStructure(
            typeId: NodeId(5274, namespace: index), name: "ResultIdDataType",
            fields: [.init("Id", .builtIn(Variant(id)))])
    }

    /// The whole of one result; nil where the server has it no more.
    func result(_ id: String) async throws(ClientError) -> FieldValue? {
        let outputs: [Variant]
        do throws(ClientError) {
            outputs = try await call("GetResultById", [try await identifier(id), Self.holdMilliseconds])
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
        guard outputs.count >= 2 else { return nil }
        await release(outputs[0])
        guard case .object = FieldValue(outputs[1]) else { return nil }
        return model.fields(of: FieldValue(outputs[1]))
    }

    private func release(_ handle: Variant) async {
        guard let handle = handle.value(as: UInt32.self), handle != 0 else { return }
        _ = try? await call("ReleaseResultHandle", [Variant(handle)])
    }

    /// All results that the server keeps, page by page, by GetResultListFiltered; nil where it has no such method.
    func list() async throws(ClientError) -> [FieldValue]? {
        guard model == .machineVision else { return nil }
        let filter = try await Self.everything(index())
        var all: [FieldValue] = []
        for page in 0..<Self.pagesMax {
            let arguments =
                filter + [Variant(Self.pageSize), Variant(UInt32(clamping: all.count)), Self.holdMilliseconds]
            let outputs: [Variant]
            do throws(ClientError) { outputs = try await call("GetResultListFiltered", arguments) } catch {
                guard error.isRefusal, page == 0 else { throw error }
                return nil
            }
            guard outputs.count >= 4 else { return all.isEmpty ? nil : all }
            await release(outputs[2])
            guard case .list(let results) = FieldValue(outputs[3]), !results.isEmpty else { return all }
            all += results.map { model.fields(of: $0) }
            if outputs[0].value(as: Bool.self) == true { return all }
        }
        return all
    }

    /// A filter that lets everything through: state 0, and ids without text (40100-1, 8.3.2).
    private static func everything(_ index: UInt16) -> [Variant] {
        func id(_ encoding: UInt32, _ name: String, optional: [String]) -> Variant {
            let fields = [DynamicStructure.Field("Id", .builtIn(Variant("")))]
            return Variant(
                ExtensionObject(
                    DynamicStructure(
                        typeId: NodeId(encoding, namespace: index), name: name,
                        layout: optional.isEmpty ? .plain : .optionalFields,
                        fields: fields + optional.map { .init($0, nil, isOptional: true) })))
        }
        let described = ["Description"]
        let binary = ["Version", "Hash", "HashAlgorithm", "Description"]
        return [
            Variant(Int32(0)), id(5006, "MeasIdDataType", optional: described),
            id(5013, "PartIdDataType", optional: described), id(5002, "RecipeIdExternalDataType", optional: binary),
            id(5268, "RecipeIdInternalDataType", optional: binary),
            id(5090, "ConfigurationIdDataType", optional: binary),
            id(5090, "ConfigurationIdDataType", optional: binary), id(5224, "ProductIdDataType", optional: described),
            id(5008, "JobIdDataType", optional: []),
        ]
    }

    /// The results that lie as variables in the folder Results; nil where there is none.
    func folder() async throws(ClientError) -> [FieldValue]? {
        let results: NodeId
        do throws(ClientError) { results = try await client.translate([name("Results")], from: node) } catch {
            guard case .missing = error else { throw error }
            return nil
        }
        let references = try await client.browse(results, BrowseQuery(nodeClasses: 2))
        let items = references.prefix(Self.folderMax).map { ReadItem($0.nodeId) }
        guard !items.isEmpty else { return [] }
        return try await client.read(items).compactMap { value in
            guard !value.effectiveStatus.isBad, let value = value.value, case .object(let members) = FieldValue(value),
                !members.isEmpty
            else { return nil }
            return model.fields(of: .object(members))
        }
    }

    /// A result's file (ResultTransfer, Part 20, 4.4): generated, read and closed.
    func file(_ id: String, bytesMax: Int) async throws(ClientError) -> [UInt8] {
        let transfer = try await client.translate([name("ResultTransfer")], from: node)
        let method = try await client.translate(["GenerateFileForRead"], from: transfer)
        let options = try await transferOptions(id)
        let outputs = try await client.call(method, on: transfer, [options]).outputs
        guard outputs.count >= 2, let file = outputs[0].value(as: NodeId.self),
            let handle = outputs[1].value(as: UInt32.self)
        else { throw .missing("GenerateFileForRead gave no file") }
        return try await client.readFile(file, handle: handle, bytesMax: bytesMax)
    }

    private func transferOptions(_ id: String) async throws(ClientError) -> Variant {
        let index = try await index()
        return switch model {
        case .machineVision:
            Variant(
                ExtensionObject(
                    DynamicStructure(
                        typeId: NodeId(5276, namespace: index), name: "ResultTransferOptions",
                        fields: [.init("Id", .structure(.dynamic(Self.resultId(id, index))))])))
        case .machinery:
            Variant(
                ExtensionObject(
                    DynamicStructure(
                        typeId: NodeId(5001, namespace: index), name: "ResultTransferOptionsDataType",
                        fields: [.init("ResultId", .builtIn(Variant(id)))])))
        }
    }
}

extension ClientError {
    /// The server said no, or has no such thing: asking again at once changes nothing.
    var isRefusal: Bool {
        switch self {
        case .refused, .argumentsRefused, .missing, .limit: true
        default: false
        }
    }

    /// There is no connection at present, or no answer came.
    var isAway: Bool {
        switch self {
        case .notConnected, .notSent, .unanswered, .violation: true
        case .partly(_, _, let cause): cause.isAway
        default: false
        }
    }
}
