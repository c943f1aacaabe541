import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import NIOPosix

/// A picture that has arrived whole and is not kept yet.
struct SealedPicture: ArrivedPicture {
    var picture: Picture
    var bytes: Handover<IncomingPicture>

    var size: PixelSize? {
        picture.width.flatMap { width in picture.height.map { PixelSize(width: width, height: $0) } }
    }

    var sha256: String { picture.sha256 }

    func bytes() async throws -> [UInt8] { try await NIOThreadPool.singleton.runIfActive { try bytes.value.read() } }
}

/// The one way in, whoever brings a report: first its picture is durable, then the report.
struct ReportDoor: Sendable {
    let accept: AcceptStep
    let pictures: PictureStore
    let store: Store
    let limits: IntakeLimits
    let pictureBytesMax: Int
    /// Of any request that brings a report.
    let eventBytesMax: Int
    /// For those who bring a report on their own account.
    let admission: Admission
    /// Of reports over HTTP, which come from systems that nothing is configured of.
    let watch: AcceptanceWatch

    /// A picture whose report is refused after all goes again, unless another report has it.
    func take(_ inspection: Inspection, _ sealed: SealedPicture?) async throws -> Accepted {
        guard let sealed else { return try await accept.accept(inspection, picture: nil) }
        let lease = try await durable(sealed)
        do {
            let accepted = try await accept.accept(inspection, picture: sealed.picture, hasBytes: lease != nil)
            if accepted.isPictureKept { try await lease?.settle() }
            await lease?.finish(isKept: accepted.isPictureKept)
            return accepted
        } catch {
            // A store that cannot be asked may have the report: its picture stays.
            let isKnown = try? await store.read { try $0.isPictureKept(sealed.picture.sha256) }
            await lease?.finish(isKept: isKnown ?? true)
            throw error
        }
    }

    /// - Returns: nil when there is no room for it.
    private func durable(_ sealed: SealedPicture) async throws -> PictureLease? {
        try await NIOThreadPool.singleton.runIfActive { try sealed.bytes.value.keep(sealed.picture) }?.secured()
    }

    /// Keeps a frame before or after the one of a report, as long as the report's own picture.
    func keep(_ sealed: SealedPicture, offset: Int, capturedAt: Timestamp, of report: String) async throws {
        guard let lease = try await durable(sealed) else { throw StoreError.full("there is no room for the frame") }
        do {
            try await store.write { transaction in
                try transaction.keepEvidence(sealed.picture, offset: offset, capturedAt: capturedAt, of: report)
            }
            try await lease.settle()
            await lease.finish(isKept: true)
        } catch {
            let isKnown = try? await store.read { try $0.isPictureKept(sealed.picture.sha256) }
            await lease.finish(isKept: isKnown ?? true)
            throw error
        }
    }
}
