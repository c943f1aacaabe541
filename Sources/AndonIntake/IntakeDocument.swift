import AndonModel

/// A JSON value taken out of a request, with the place where it stood there: faults point into what was sent.
public struct IntakeDocument: Hashable, Sendable {
    public var json: JSON
    /// JSON Pointer (RFC 6901) of `json` in the sent document; "" when it is the whole.
    public var pointer: String

    public init(_ json: JSON, pointer: String = "") {
        self.json = json
        self.pointer = pointer
    }

    /// Reads a JSON text.
    ///
    /// - Throws: 413 `too-large` beyond `limits.bytesMax`; 400 `invalid-json` with the byte and the pointer where
    ///   the text stops being JSON that we take (see `JSON.init(parsing:limits:)`).
    public init(
        parsing bytes: some Collection<UInt8>, limits: JSONLimits, pointer: String = ""
    ) throws(Problem) {
        guard bytes.count <= limits.bytesMax else {
            throw Problem(
                status: 413, type: "too-large", title: "The body is too large",
                detail: "The JSON text has \(bytes.count) bytes and at most \(limits.bytesMax) are taken; send less in "
                    + "one report.")
        }
        do throws(JSONSyntaxError) {
            self.init(try JSON(parsing: bytes, limits: limits), pointer: pointer)
        } catch {
            // A name of any length may be in the error's pointer; an answer is short.
            let place = error.pointer.utf8.count <= 512 ? pointer + error.pointer : pointer
            throw Problem(
                status: 400, type: "invalid-json", title: "The body is not JSON that this server takes",
                detail: "Reading the JSON text stopped at byte \(error.offset): \(error.reason).",
                errors: [Problem.Fault(pointer: place, detail: error.reason)])
        }
    }
}
