import UACodec

extension UAClient {
    /// Reads a file of the server (FileType, Part 20, 4.2), in pieces, and closes it whatever happens.
    ///
    /// - Parameters:
    ///   - handle: of a file that is open already, as GenerateFileForRead gives one; nil opens it.
    ///   - bytesMax: at most `ClientLimits.fileBytes`.
    /// - Throws: ``ClientError/limit(_:allowed:)`` for a longer file.
    public func readFile(
        _ file: some NodeNaming, handle: UInt32? = nil, bytesMax: Int = .max
    ) async throws(ClientError) -> [UInt8] {
        let connection = try ready()
        let node = try namespaces.nodeId(file)
        let methods = try await translate([["Open"], ["Read"], ["Close"]], from: node, on: connection)
        guard let read = methods[1], let close = methods[2] else {
            throw .missing("\(printable("\(file.expanded)")) is not a file: it has no methods Read and Close")
        }
        let open = FileMethods(file: node, read: read, close: close)
        let taken: UInt32
        if let handle {
            taken = handle
        } else {
            guard let method = methods[0] else { throw .missing("\(printable("\(file.expanded)")) cannot be opened") }
            taken = try await openFile(node, method, on: connection)
        }
        do throws(ClientError) {
            let bytes = try await contents(
                open, taken, bytesMax: min(bytesMax, configuration.limits.fileBytes), on: connection)
            try? await closeFile(open, taken, on: connection)
            return bytes
        } catch {
            try? await closeFile(open, taken, on: connection)
            throw error
        }
    }

    private struct FileMethods {
        var file: NodeId
        var read: NodeId
        var close: NodeId
    }

    /// Mode 1 is reading (Part 20, 4.2.2).
    private func openFile(_ file: NodeId, _ method: NodeId, on connection: Connection) async throws(ClientError)
        -> UInt32
    {
        let request = CallMethodRequest(objectId: file, methodId: method, inputArguments: [Variant(UInt8(1))])
        let answer = try await call(request, on: connection)
        guard let handle = answer.outputs.first?.value(as: UInt32.self) else {
            throw violation("a file was opened without a handle", on: connection)
        }
        return handle
    }

    private func contents(
        _ methods: FileMethods, _ handle: UInt32, bytesMax: Int, on connection: Connection
    ) async throws(ClientError) -> [UInt8] {
        let server = Int(operationLimits.byteStringBytes)
        let piece = min(configuration.limits.codec.byteStringBytes / 2, server > 0 ? server : 1 << 18, 1 << 20)
        var bytes: [UInt8] = []
        while true {
            let arguments = [Variant(handle), Variant(Int32(clamping: piece))]
            let request = CallMethodRequest(
                objectId: methods.file, methodId: methods.read, inputArguments: arguments)
            let answer = try await call(request, on: connection)
            guard let part = answer.outputs.first?.value(as: ByteString.self)?.bytes, !part.isEmpty else {
                return bytes
            }
            guard part.count <= piece else {
                throw violation("a longer piece of a file than was asked for", on: connection)
            }
            bytes += part
            guard bytes.count <= bytesMax else { throw .limit("bytes of a file", allowed: bytesMax) }
        }
    }

    private func closeFile(
        _ methods: FileMethods, _ handle: UInt32, on connection: Connection
    ) async throws(ClientError) {
        let request = CallMethodRequest(
            objectId: methods.file, methodId: methods.close, inputArguments: [Variant(handle)])
        _ = try await call(request, on: connection)
    }
}
