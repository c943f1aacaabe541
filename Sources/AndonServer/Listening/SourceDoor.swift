import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import NIOPosix

/// Brings what vision systems tell through the same door as reports over HTTP.
struct SourceDoor: SourceIntake {
    let door: ReportDoor

    func isKnown(_ id: String) async throws -> Bool {
        try await door.store.read { try $0.inspection(id) != nil }
    }

    func take(_ document: JSON, picture: SourcePicture) async throws -> Taken {
        let (sealed, missing) = try await sealed(picture)
        var document = missing.map { document.withoutPicture($0) } ?? document
        // Without a picture only its left and upper edge are known.
        document = document.withRegionsCut(width: sealed?.size?.width ?? .max, height: sealed?.size?.height ?? .max)
        do {
            let bytes = document.canonicalBytes.count
            guard bytes <= door.limits.json.bytesMax else {
                throw Problem(
                    status: 413, type: "too-large", title: "The report is too large",
                    detail: "The report has \(bytes) bytes and at most \(door.limits.json.bytesMax) are taken "
                        + "(intake.bodyBytesMax); map fewer attributes.")
            }
            let inspection = try InspectionReader(limits: door.limits)
                .read(IntakeDocument(document), pictureSize: sealed?.size)
            let accepted = try await door.take(inspection, sealed)
            return accepted.isRepeated ? .repeated : .accepted(pictureMissing: missing)
        } catch let problem as Problem {
            switch problem.status {
            // The id is made of the event's own name: it is here, and a later delivery differs in what is beside the point.
            case 409: return .repeated
            case 500...: throw problem
            default: return .refused(problem)
            }
        }
    }

    func count(_ frames: [FrameCount], id: String) async throws -> Taken {
        do {
            let counts = FrameCountReader.json(of: FrameCountBatch(id: id, frames: frames))
            let batch = try FrameCountReader(limits: door.limits).read(IntakeDocument(counts))
            return try await door.accept.accept(batch).isRepeated ? .repeated : .accepted(pictureMissing: nil)
        } catch let problem as Problem where problem.status < 500 {
            return problem.status == 409 ? .repeated : .refused(problem)
        }
    }

    func keep(_ evidence: [EvidenceFrame], of report: String) async throws {
        for frame in evidence {
            let (sealed, missing) = try await sealed(.bytes(frame.bytes))
            guard let sealed else { throw StoreError.full(missing ?? "there is no room for the frame") }
            try await door.keep(sealed, offset: frame.offset, capturedAt: frame.capturedAt, of: report)
        }
    }

    /// A picture that cannot be taken leaves its report in, with the reason.
    private func sealed(_ picture: SourcePicture) async throws -> (SealedPicture?, missing: String?) {
        switch picture {
        case .none: return (nil, nil)
        case .missing(let why): return (nil, why)
        case .arrived(let picture):
            if let sealed = picture as? SealedPicture { return (sealed, nil) }
            return try await self.sealed(.bytes(try await picture.bytes()))
        case .bytes(let bytes):
            do {
                return (
                    try await NIOThreadPool.singleton.runIfActive { [door] in
                        let incoming = try door.pictures.receive(
                            limits: door.limits, bytesMax: door.pictureBytesMax)
                        try incoming.feed(bytes)
                        let picture = try incoming.seal(claimedDigest: nil)
                        return SealedPicture(picture: picture, bytes: Handover(value: incoming))
                    }, nil
                )
            } catch let problem as Problem where problem.status < 500 {
                return (nil, "\(problem.title): \(problem.detail)")
            }
        }
    }
}
