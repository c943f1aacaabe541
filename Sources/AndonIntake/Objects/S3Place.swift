import AndonModel

/// A bucket of an S3 server, and how we are known there.
public struct S3Place: Sendable, Equatable {
    /// `https://minio.plant.example:9000`, without a slash at the end.
    public var endpoint: String
    public var bucket: String
    public var region: String
    /// In front of each object's name; empty, or with a slash at its end.
    public var prefix: String
    public var accessKey: Secret
    public var secretKey: Secret
    /// How long one picture may take, all attempts together. Whoever sends a report waits for it.
    public var timeout: Duration

    public init(
        endpoint: String, bucket: String, region: String, prefix: String = "", accessKey: Secret, secretKey: Secret,
        timeout: Duration
    ) {
        (self.endpoint, self.bucket, self.region, self.prefix) = (endpoint, bucket, region, prefix)
        (self.accessKey, self.secretKey, self.timeout) = (accessKey, secretKey, timeout)
    }

    /// As the Host header has it: without a port that the scheme has by itself.
    var host: String {
        let rest = endpoint.split(separator: "/", maxSplits: 1).last.map { $0.drop { $0 == "/" } } ?? ""
        for (scheme, port) in [("https:", ":443"), ("http:", ":80")] where endpoint.lowercased().hasPrefix(scheme) {
            if rest.hasSuffix(port) { return String(rest.dropLast(port.count)) }
        }
        return String(rest)
    }

    /// The host alone, for whoever asks whether we may speak to it.
    public var hostName: String {
        let host = host
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }
}
