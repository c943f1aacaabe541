import AndonModel
import UAClient
import UACodec

extension OPCUASource {
    /// How often a picture that is not there yet is asked for.
    private static let askEvery: Duration = .milliseconds(300)

    /// The picture of a report. Without one the report goes in all the same, with the reason.
    ///
    /// - Throws: `CancellationError`, and what ends the session.
    nonisolated func picture(of event: SourceEvent, _ document: JSON) async throws -> SourcePicture {
        guard let picture = settings.picture else { return .none }
        if picture.of == .defects, document["defects"]?.array?.isEmpty == true { return .none }
        switch picture.place {
        case .field(let place):
            guard case .bytes(let bytes)? = event.fields.value(at: place) else {
                return .missing("the field \(place) holds no bytes")
            }
            return sized(bytes)
        case .folder(let folder, let path):
            guard let path = path.words(in: try decoded(event)) else {
                return .missing("the path \(path.source) has no value in what came")
            }
            return try await file(path, folder, picture)
        case .file(let text):
            guard let node = text.words(in: try decoded(event)).flatMap({ NodeText($0) }) else {
                return .missing("\(text.source) names no node")
            }
            return try await fromServer(picture) { session, bytesMax throws(ClientError) in
                try await session.client.readFile(node.expanded, bytesMax: bytesMax)
            }
        case .variable(let text):
            guard let node = text.words(in: try decoded(event)).flatMap({ NodeText($0) }) else {
                return .missing("\(text.source) names no node")
            }
            return try await fromServer(picture) { session, _ throws(ClientError) in
                let value = try await session.client.readAttribute(.value, of: node.expanded)
                guard let bytes = value.value(as: ByteString.self)?.bytes, !bytes.isEmpty else {
                    throw .missing("the variable holds no bytes")
                }
                return bytes
            }
        case .transfer: return try await transferred(event, picture)
        }
    }

    private nonisolated func decoded(_ event: SourceEvent) throws -> FieldValue {
        // The fields made a report, so they can be decoded.
        try mapper.decoded(event.fields)
    }

    private nonisolated func sized(_ bytes: [UInt8]) -> SourcePicture {
        bytes.count <= environment.pictureBytesMax
            ? .bytes(bytes)
            : .missing("the picture has more than \(environment.pictureBytesMax) bytes (intake.pictureBytesMax)")
    }

    private nonisolated func file(
        _ path: String, _ folder: String, _ picture: PictureSettings
    ) async throws -> SourcePicture {
        do {
            let bytes = try await SharedFolder(folder: folder, time: environment.time).read(
                path, stableFor: picture.stableFor, wait: picture.wait, bytesMax: environment.pictureBytesMax)
            return .bytes(bytes)
        } catch let failure as SharedFolder.Failure {
            return .missing("\(failure)")
        }
    }

    private nonisolated func transferred(_ event: SourceEvent, _ picture: PictureSettings) async throws -> SourcePicture
    {
        guard let result = event.result, let model = await resultModel else {
            return .missing("only results have a file to be transferred")
        }
        return try await fromServer(picture) { session, bytesMax throws(ClientError) in
            let nodes = self.candidates(event, session)
            var failure = ClientError.missing("the server has no ResultManagement")
            for node in nodes {
                do throws(ClientError) {
                    return try await ResultServer(client: session.client, model: model, node: node)
                        .file(result.id, bytesMax: bytesMax)
                } catch {
                    guard error.isRefusal else { throw error }
                    failure = error
                }
            }
            throw failure
        }
    }

    /// Asks until the picture is there, or the time is over.
    private nonisolated func fromServer(
        _ picture: PictureSettings,
        _ body: @Sendable (Session, Int) async throws(ClientError) -> [UInt8]
    ) async throws -> SourcePicture {
        let bytesMax = environment.pictureBytesMax
        let end = environment.time.uptime() + picture.wait
        while true {
            do {
                let bytes = try await whileConnected { session throws(ClientError) in try await body(session, bytesMax)
                }
                if !bytes.isEmpty { return sized(bytes) }
                guard environment.time.uptime() < end else { return .missing("the server's file is empty") }
            } catch let error as ClientError {
                if case .closed = error { throw error }
                if case .limit = error { return .missing("\(error) (intake.pictureBytesMax)") }
                guard environment.time.uptime() < end else { return .missing("\(error)") }
            }
            try await environment.time.sleep(for: Self.askEvery)
        }
    }
}
