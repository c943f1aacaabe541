/// A refusal as RFC 9457 has it: what was wrong, where, and what to do.
public struct Problem: Error, Equatable, Sendable {
    /// HTTP status.
    public var status: Int
    /// Short name of the kind of problem; the last segment of the `type` address.
    public var type: String
    /// The same for every problem of the type.
    public var title: String
    /// This problem, in a sentence that says what to do.
    public var detail: String
    /// Each fault with the JSON Pointer of the value at fault.
    public var errors: [Fault]
    /// When it is worth sending again; nil where nobody can say.
    public var retryAfter: Duration?

    public struct Fault: Hashable, Sendable {
        /// JSON Pointer (RFC 6901) into the sent document.
        public var pointer: String
        public var detail: String

        public init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    public init(
        status: Int, type: String, title: String, detail: String, errors: [Fault] = [],
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// The body of an `application/problem+json` answer.
    public var json: JSON {
        .object(present: [
            "type": .string("urn:andon:problem:\(type)"), "title": .string(title), "status": .integer(status),
            "detail": .string(detail),
            "errors": errors.isEmpty
                ? nil : .array(errors.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }),
        ])
    }
}
