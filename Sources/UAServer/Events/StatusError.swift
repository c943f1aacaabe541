import UACodec

/// Why an operation or a whole service call was refused.
struct StatusError: Error, Hashable {
    let status: StatusCode

    init(_ status: StatusCode) { self.status = status }
}
