import AndonDesk
import AndonIntake
import AndonLedger
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Takes photos from phones, the way pictures of cameras go: streamed to the disk, looked at as they pass, durable
/// before the step is.
struct DeskPhotos: PhotoDoor {
    let pictures: PictureStore
    let store: Store
    let limits: IntakeLimits

    func receive(_ request: Request) async throws -> PhotoForm {
        var limits = limits
        // One more than are taken, so that too many are called that, and some fields beside them.
        limits.partsMax = PhotoLimits.countMax + 12
        let type = request.headers[.contentType] ?? ""
        var parser = try MultipartParser(contentType: type, limits: limits)
        var parts = PhotoParts(pictures: pictures, limits: limits)
        for try await piece in request.body {
            for event in try parser.feed(Array(piece.readableBytesView)) { try parts.take(event) }
        }
        try parser.finish()
        let form = URLEncodedForm(fields: parts.fields)
        let kept = try await keep(parts.takePhotos())
        return PhotoForm(form: form, pictures: kept.map(\.picture)) { try await end(kept) }
    }

    /// Makes them durable, in their order.
    private func keep(_ photos: Handover<[IncomingPicture]>) async throws -> [PictureLease] {
        let (leases, fault) = try await NIOThreadPool.singleton.runIfActive { () -> ([PictureLease], (any Error)?) in
            var leases: [PictureLease] = []
            do {
                for photo in photos.value {
                    let picture = try photo.seal(claimedDigest: nil)
                    guard let lease = try photo.keep(picture) else {
                        throw StoreError.full("there is no room for the photo")
                    }
                    leases.append(lease)
                }
                return (leases, nil)
            } catch {
                return (leases, error)
            }
        }
        if let fault {
            await abandon(leases)
            throw fault
        }
        return try await secured(leases)
    }

    private func secured(_ leases: [PictureLease]) async throws -> [PictureLease] {
        var secured: [PictureLease] = []
        for lease in leases {
            do {
                guard let lease = try await lease.secured() else {
                    throw StoreError.full("there is no room for the photo")
                }
                secured.append(lease)
            } catch {
                // The one that failed has ended by itself.
                await abandon(secured + leases.dropFirst(secured.count + 1))
                throw error
            }
        }
        return secured
    }

    /// No step will have them.
    private func abandon(_ leases: [PictureLease]) async { try? await end(leases) }

    /// The tables say in the end which of the bytes stay; a store that cannot be asked may have them.
    private func end(_ leases: [PictureLease]) async throws {
        var fault: (any Error)?
        for lease in leases {
            let sha256 = lease.picture.sha256
            let isKnown = (try? await store.read { try $0.isPictureKept(sha256) }) ?? true
            if isKnown {
                do { try await lease.settle() } catch { fault = error }
            }
            await lease.finish(isKept: isKnown)
        }
        if let fault { throw fault }
    }
}

/// The parts of a form with photos as they stream in.
struct PhotoParts {
    private let pictures: PictureStore
    private let limits: IntakeLimits
    private(set) var fields: [String: String] = [:]
    private var photos: [IncomingPicture] = []
    private var current = Part.none
    private var fieldBytes = 0

    private enum Part {
        case none
        case field(name: String, bytes: [UInt8])
        /// Begins with its first byte: a form whose field was left empty sends a part without any.
        case photo(bytes: Int)
    }

    init(pictures: PictureStore, limits: IntakeLimits) { (self.pictures, self.limits) = (pictures, limits) }

    mutating func take(_ event: MultipartParser.Event) throws {
        switch event {
        case .partBegan(let headers):
            current = headers.name == "photo" ? .photo(bytes: 0) : .field(name: headers.name, bytes: [])
        case .data(let bytes): try append(bytes)
        case .partEnded:
            if case .field(let name, let bytes) = current { fields[name] = String(decoding: bytes, as: UTF8.self) }
            current = .none
        case .finished: break
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws {
        switch current {
        case .none: break
        case .field(let name, let before):
            fieldBytes += bytes.count
            guard fieldBytes <= PhotoLimits.fieldBytesMax else {
                throw Self.tooLarge("The fields of the form have more than \(PhotoLimits.fieldBytesMax) bytes.")
            }
            current = .field(name: name, bytes: before + bytes)
        case .photo(let before):
            if before == 0 { try begin() }
            let count = before + bytes.count
            guard count <= PhotoLimits.bytesMax else {
                throw Self.tooLarge(
                    "A photo may have \(PhotoLimits.bytesMax / 1_000_000) MB at most; take it in a smaller size.")
            }
            current = .photo(bytes: count)
            try photos.last?.feed(bytes)
        }
    }

    private mutating func begin() throws {
        guard photos.count < PhotoLimits.countMax else {
            throw Problem(
                status: 413, type: "too-many-photos", title: "There are too many photos",
                detail: "At most \(PhotoLimits.countMax) photos are taken at once; send the others behind them.",
                errors: [.init(pointer: "/photo", detail: "more than \(PhotoLimits.countMax)")])
        }
        photos.append(try pictures.receive(limits: limits, bytesMax: PhotoLimits.bytesMax))
    }

    private static func tooLarge(_ detail: String) -> Problem {
        Problem(
            status: 413, type: "photo-too-large", title: "The photos are too large", detail: detail,
            errors: [.init(pointer: "/photo", detail: detail)])
    }

    /// The photos, handed over to whoever finishes them.
    mutating func takePhotos() -> Handover<[IncomingPicture]> {
        defer { photos = [] }
        return Handover(value: photos)
    }
}
