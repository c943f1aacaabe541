import AndonModel
import Foundation
import Synchronization

/// An S3 server that is not ours (moto, from PyPI), in a process of its own. It reckons each request's signature by botocore's
/// own signer and refuses who has none, another, or no right.
public final class RealS3: Sendable {
    public static let bucket = "andon-pictures"
    public let port: Int
    public let accessKey: String
    public let secretKey: String
    private let process: Mutex<Process>
    private let ways: Mutex<(into: FileHandle, from: FileHandle)>

    public struct StartError: Error, CustomStringConvertible {
        public var description: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A Python with moto; nil where there is none.
    public static let python: String? = {
        let named = ProcessInfo.processInfo.environment["ANDON_S3_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-s3/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    public static let missing = "no Python with moto: set ANDON_S3_PYTHON, or run scripts/setup --tests for .venv-s3"

    private static let program = """
        import base64, hashlib, json, logging, os, sys
        # So many requests are taken from anybody: they make the one key that is taken from then on.
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"
        import boto3
        from moto.server import ThreadedMotoServer
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        bucket = sys.argv[1]
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        def client(service, key, secret):
            return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                                aws_access_key_id=key, aws_secret_access_key=secret)
        iam = client("iam", "x", "x")
        iam.create_user(UserName="andon")
        rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="andon", PolicyName="all", PolicyDocument=json.dumps(rights))
        key = iam.create_access_key(UserName="andon")["AccessKey"]
        client("s3", "x", "x").create_bucket(Bucket=bucket)
        s3 = client("s3", key["AccessKeyId"], key["SecretAccessKey"])
        print(json.dumps({"port": port, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            answer = {}
            if "put" in asked:
                s3.put_object(Bucket=bucket, Key=asked["put"], Body=base64.b64decode(asked["bytes"]))
            elif "delete" in asked:
                s3.delete_object(Bucket=bucket, Key=asked["delete"])
            elif "get" in asked:
                found = s3.get_object(Bucket=bucket, Key=asked["get"])
                answer = {"sha256": hashlib.sha256(found["Body"].read()).hexdigest(), "type": found["ContentType"]}
            elif "list" in asked:
                pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=asked["list"])
                answer = {"keys": [entry["Key"] for page in pages for entry in page.get("Contents", [])]}
            print(json.dumps(answer), flush=True)
        """

    public init() throws {
        guard let python = Self.python else { throw StartError(description: Self.missing) }
        let child = Process()
        let (into, from) = (Pipe(), Pipe())
        child.executableURL = URL(fileURLWithPath: python)
        child.arguments = ["-W", "ignore", "-c", Self.program, Self.bucket]
        child.standardInput = into
        child.standardOutput = from
        try child.run()
        let line = try Self.line(from.fileHandleForReading)
        guard let json = try? JSON(parsing: Array(line.utf8)), let port = json["port"]?.integer,
            let key = json["key"]?.string, let secret = json["secret"]?.string
        else { throw StartError(description: "the S3 server did not start: \(line)") }
        (self.port, accessKey, secretKey) = (port, key, secret)
        process = Mutex(child)
        ways = Mutex((into.fileHandleForWriting, from.fileHandleForReading))
    }

    deinit { process.withLock { $0.terminate() } }

    private static func line(_ handle: FileHandle) throws -> String {
        var bytes = Data()
        while bytes.last != 10, case let piece = handle.availableData, !piece.isEmpty { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits on a thread of its own: the server may be waiting for the test's threads to send the rest of a picture.
    private func ask(_ question: JSON) async throws -> JSON {
        try await onOwnThread { [self] in
            try ways.withLock { ways in
                try ways.into.write(contentsOf: Data("\(question.canonicalText)\n".utf8))
                let text = try Self.line(ways.from)
                return try JSON(parsing: Array(text.utf8), limits: JSONLimits(bytesMax: 1 << 20))
            }
        }
    }

    /// What another client of the bucket does.
    public func put(_ key: String, _ bytes: [UInt8]) async throws {
        _ = try await ask(["put": .string(key), "bytes": .string(Data(bytes).base64EncodedString())])
    }

    public func delete(_ key: String) async throws { _ = try await ask(["delete": .string(key)]) }

    public func get(_ key: String) async throws -> (sha256: String, type: String) {
        let found = try await ask(["get": .string(key)])
        return (found["sha256"]?.string ?? "", found["type"]?.string ?? "")
    }

    public func keys(below prefix: String) async throws -> [String] {
        (try await ask(["list": .string(prefix)])["keys"]?.array ?? []).compactMap(\.string)
    }
}
