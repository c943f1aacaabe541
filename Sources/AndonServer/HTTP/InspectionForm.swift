import AndonIntake
import AndonModel
import Foundation

/// The parts of a multipart report as they stream in: the JSON is collected up to its limit, the picture goes to
/// the disk.
struct InspectionForm {
    private let pictures: PictureStore
    private let limits: IntakeLimits
    private let pictureBytesMax: Int
    private var json: [UInt8]?
    private var picture: IncomingPicture?
    private var current = Part.none

    private enum Part {
        case none
        case json
        case picture
    }

    init(pictures: PictureStore, limits: IntakeLimits, pictureBytesMax: Int) {
        self.pictures = pictures
        self.limits = limits
        self.pictureBytesMax = pictureBytesMax
    }

    mutating func take(_ event: MultipartParser.Event) throws {
        switch event {
        case .partBegan(let headers): try begin(headers)
        case .data(let bytes): try append(bytes)
        case .partEnded: current = .none
        case .finished: break
        }
    }

    /// A part is the picture by its content type or its name, and the report otherwise by its name.
    private mutating func begin(_ headers: PartHeaders) throws {
        let type = headers.contentType?.lowercased() ?? ""
        if headers.isPicture {
            guard picture == nil else { throw Self.problem("the picture is there twice; send one", "/picture") }
            picture = try pictures.receive(limits: limits, bytesMax: pictureBytesMax)
            current = .picture
        } else if ["inspection", "detection", "event", "json"].contains(headers.name) || type.contains("json") {
            guard json == nil else { throw Self.problem("the report is there twice; send one", "") }
            json = []
            current = .json
        } else {
            throw Self.problem(
                "the part \"\(headers.name.cut(to: 60))\" is not known; send a part \"inspection\" (JSON) and a part "
                    + "\"picture\" (JPEG or PNG)", "")
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws {
        switch current {
        case .none: break
        case .picture: try picture?.feed(bytes)
        case .json:
            json?.append(contentsOf: bytes)
            guard (json?.count ?? 0) <= limits.json.bytesMax else {
                throw Problem(
                    status: 413, type: "too-large", title: "The report is too large",
                    detail: "The part \"inspection\" has more than \(limits.json.bytesMax) bytes.")
            }
        }
    }

    private static func problem(_ detail: String, _ pointer: String) -> Problem {
        Problem(
            status: 400, type: "invalid-multipart", title: "The parts are not a report and its picture",
            detail: "In this form \(detail).", errors: [.init(pointer: pointer, detail: detail)])
    }

    func document(limits: JSONLimits) throws -> IntakeDocument {
        guard let json else {
            throw Self.problem("the report is missing; send it as a part \"inspection\" with type application/json", "")
        }
        return try IntakeDocument(parsing: json, limits: limits)
    }

    /// The picture, handed over to whoever finishes it.
    mutating func takePicture() -> Handover<IncomingPicture>? {
        defer { picture = nil }
        return picture.map { Handover(value: $0) }
    }
}

extension PartHeaders {
    /// A part is a picture by its content type, or by its name.
    var isPicture: Bool {
        contentType?.lowercased().hasPrefix("image/") == true || ["picture", "image", "file"].contains(name)
    }
}

/// Carries a value to another thread by a single owner.
///
/// Unchecked because the compiler cannot see it: `takePicture` empties the form, so the sender holds no reference
/// any more when the receiver begins.
struct Handover<Value>: @unchecked Sendable {
    let value: Value
}

/// A picture that the vision system has laid into the watched folder.
enum WatchedFile {
    /// Feeds the file's bytes; false when it is not there.
    static func copy(_ path: String, into incoming: IncomingPicture) throws -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: 256 << 10), !piece.isEmpty { try incoming.feed(piece) }
        return true
    }
}
