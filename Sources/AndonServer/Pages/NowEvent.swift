import NIOCore

/// An event of a stream as browsers read it (HTML, 9.2.6 "Interpreting an event stream").
struct NowEvent: Sendable, Equatable {
    /// Nil for one that only sets the place.
    var name: String?
    /// The place that a browser names when it comes back.
    var id: String?
    var data = ""

    /// Ends with an empty line. Every line of the data, whatever ends it, is a field of its own.
    var text: String {
        var text = ""
        if let id { text += "id: \(id)\n" }
        if let name {
            text += "event: \(name)\n"
            for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
                text += "data: \(line)\n"
            }
        }
        return text + "\n"
    }
}

extension [NowEvent] {
    var buffer: ByteBuffer { ByteBuffer(string: map(\.text).joined()) }
}
