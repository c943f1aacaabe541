import AndonIntake
import AndonModel
import AndonSources
import NIOCore

/// The parts of a multipart event as they stream in: the picture is known by its type or its name, and goes to the disk;
/// what else comes is the event.
///
/// A picture that cannot be taken leaves the event in, with the reason.
struct EventForm {
    private let door: ReportDoor
    private let jsonBytesMax: Int
    private let place: Admission.Place
    private(set) var json: [UInt8]?
    private var picture = Arriving.none
    private var isPicture = false

    private enum Arriving {
        case none
        case under(IncomingPicture)
        case refused(String)
    }

    /// - Parameter jsonBytesMax: The event may have pictures of its own in it, in base64.
    init(door: ReportDoor, jsonBytesMax: Int, place: Admission.Place) {
        (self.door, self.jsonBytesMax, self.place) = (door, jsonBytesMax, place)
    }

    mutating func take(_ event: MultipartParser.Event) throws {
        switch event {
        case .partBegan(let headers):
            isPicture = headers.isPicture
            if isPicture { try beginPicture() } else { try beginJSON() }
        case .data(let bytes):
            if isPicture { try feedPicture(bytes) } else { try appendJSON(bytes) }
        case .partEnded, .finished: break
        }
    }

    private mutating func beginJSON() throws {
        guard json == nil else { throw Self.twice("texts") }
        json = []
    }

    private mutating func appendJSON(_ bytes: ArraySlice<UInt8>) throws {
        json?.append(contentsOf: bytes)
        let count = json?.count ?? 0
        guard count <= jsonBytesMax else { throw NIOTooManyBytesError(maxBytes: jsonBytesMax) }
        try place.grow(to: Admission.Need(memory: count))
    }

    private mutating func beginPicture() throws {
        guard case .none = picture else { throw Self.twice("pictures") }
        picture = .under(try door.pictures.receive(limits: door.limits, bytesMax: door.pictureBytesMax))
    }

    private mutating func feedPicture(_ bytes: ArraySlice<UInt8>) throws {
        guard case .under(let incoming) = picture else { return }
        try settle { try incoming.feed(bytes) }
    }

    /// The picture as it arrived, handed over to whoever keeps it. To be asked when the form is at its end.
    mutating func takePicture() throws -> SourcePicture {
        var sealed: Picture?
        if case .under(let incoming) = picture { try settle { sealed = try incoming.seal(claimedDigest: nil) } }
        defer { picture = .none }
        switch picture {
        case .none: return .none
        case .refused(let why): return .missing(why)
        case .under(let incoming):
            guard let sealed else { return .none }
            return .arrived(SealedPicture(picture: sealed, bytes: Handover(value: incoming)))
        }
    }

    /// - Throws: what another attempt may mend.
    private mutating func settle(_ step: () throws -> Void) throws {
        do { try step() } catch let problem as Problem where problem.status < 500 {
            picture = .refused("\(problem.title): \(problem.detail)")
        }
    }

    private static func twice(_ what: String) -> Problem {
        Problem(
            status: 400, type: "invalid-multipart", title: "The parts are not an event and its picture",
            detail: "There are two \(what); send one event and one picture.")
    }
}
