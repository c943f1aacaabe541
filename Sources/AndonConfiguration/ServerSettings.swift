import AndonLedger
import AndonModel

/// Where the server listens and keeps its data.
public struct ServerSettings: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 8080
    /// Relative to the working directory of the process.
    public var dataFolder = "andon-data"
    /// Where the facts are; nil for where the data folder had them so far: in a SQLite file, where it is new.
    public var database: Database?
    /// How long a server that says nothing keeps what it was sending, where several work on one database.
    public var lease: Duration = .seconds(60)
    /// Where pictures are; nil for the data folder.
    public var pictures: ObjectStorage?
    /// How people in the plant reach the server, without a slash at the end; for links in orders.
    public var publicURL: String?
    /// What every caller of the API must show; nil for none.
    public var apiKey: Secret?
    /// Nil where the server speaks plain HTTP.
    public var tls: TransportSettings?
    /// The server of the plant or the company that this one forwards to; nil for none.
    public var upstream: Upstream?
    /// What holds for the servers that forward to this one.
    public var sites = SitesSettings()

    /// A PostgreSQL database.
    public struct Database: Sendable, Equatable {
        /// As libpq has it: `postgresql://user@host/database` or `host=… dbname=…`.
        public var postgres: String
        /// Where its tables are.
        public var schema = "andon"
    }

    /// A bucket of an S3-compatible server.
    public struct ObjectStorage: Sendable, Equatable {
        /// `https://minio.plant.example:9000`, without a slash at the end.
        public var s3: String
        public var bucket: String
        public var region = "us-east-1"
        /// In front of each object's name; empty, or with a slash at its end.
        public var prefix = ""
        public var accessKey: Secret
        public var secretKey: Secret
        /// How long one picture may take, all attempts together.
        public var timeout: Duration = .seconds(10)
        /// Room for copies in the data folder of pictures that were wanted lately.
        public var copiesBytes = 2_000_000_000
    }

    /// Whether people sign in and machines show a key.
    public var access = Access.accounts
    /// What pages speak to a browser that asks for no language of ours: `en` or `de`.
    public var language = "en"

    public enum Access: String, Sendable, CaseIterable {
        /// People sign in, machines show a key.
        case accounts
        /// Nobody is asked: who reaches the server may do everything. For a trial on one's own machine.
        case open
    }

    public init() {}
}
