import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIntake

@Suite("Signatures of requests to object storage")
struct RequestSignatureTests {
    /// Of Amazon's examples: "Authenticating Requests: Using the Authorization Header", Amazon S3 API Reference.
    private static let example = RequestSignature(
        accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1")
    private static let host = "examplebucket.s3.amazonaws.com"

    private static func signature(_ request: RequestSignature.Request) throws -> (names: String, signature: String) {
        let time = try #require(Timestamp("2013-05-24T00:00:00Z"))
        let header = try #require(
            example.headers(of: request, at: time).first { $0.name == "authorization" }?.value)
        let parts = header.split(separator: ",").map(String.init)
        #expect(parts[0].hasSuffix("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"))
        return (String(parts[1].dropFirst("SignedHeaders=".count)), String(parts[2].dropFirst("Signature=".count)))
    }

    @Test("The four examples that Amazon publishes have the signatures that it publishes")
    func published() throws {
        var get = RequestSignature.Request(method: "GET", host: Self.host, path: "/test.txt")
        get.headers = [.init("Range", "bytes=0-9")]
        let read = try Self.signature(get)
        #expect(read.signature == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(read.names == "host;range;x-amz-content-sha256;x-amz-date")
        var put = RequestSignature.Request(method: "PUT", host: Self.host, path: "/test$file.text")
        put.headers = [
            .init("date", "Fri, 24 May 2013 00:00:00 GMT"), .init("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ]
        put.digest = Hex.sha256(Array("Welcome to Amazon S3.".utf8))
        #expect(try Self.signature(put).signature == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        var lifecycle = RequestSignature.Request(method: "GET", host: Self.host, path: "/")
        lifecycle.query = [("lifecycle", "")]
        #expect(
            try Self.signature(lifecycle).signature
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        var list = lifecycle
        list.query = [("prefix", "J"), ("max-keys", "2")]
        #expect(
            try Self.signature(list).signature == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    /// Signs each request as Amazon's own library does.
    private static let judge = """
        import json, sys
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        import botocore.auth, datetime
        for line in sys.stdin:
            asked = json.loads(line)
            signer = S3SigV4Auth(Credentials(asked["key"], asked["secret"]), "s3", asked["region"])
            request = AWSRequest(asked["method"], asked["url"], headers=dict(asked["headers"]))
            request.context["timestamp"] = asked["stamp"]
            canonical = signer.canonical_request(request)
            print(signer.signature(signer.string_to_sign(request, canonical), request))
        """

    private static func random(_ random: inout SeededRandom) -> (RequestSignature, RequestSignature.Request) {
        let letters = Array("abcXYZ019-_.~ /+=&$é:,;@!*'()%")
        func text(_ most: Int) -> String {
            String((0..<random.int(1...most)).map { _ in random.pick(letters) })
        }
        let signature = RequestSignature(
            accessKey: "AKIA\(random.int(1000...9999))", secretKey: Secret(text(40)), region: "eu-\(random.int(1...9))")
        // A path as ours are: no empty segments, which other signers take away.
        let name = text(30).split(separator: "/").filter { ![".", ".."].contains($0) }.joined(separator: "/")
        var request = RequestSignature.Request(
            method: random.pick(["GET", "PUT", "DELETE", "HEAD"]), host: "s3.plant.example:9000",
            path: "/bucket/x\(name)")
        for number in 0..<random.int(0...3) { request.query.append(("q\(number)", text(20))) }
        if random.chance(50) { request.headers = [.init("If-None-Match", "*"), .init("Content-Type", "image/jpeg")] }
        request.digest = Hex.sha256(Array(text(20).utf8))
        return (signature, request)
    }

    @Test(
        "Random requests have the signatures that Amazon's own library gives them",
        .enabled(if: RealS3.python != nil, Comment(rawValue: RealS3.missing)))
    func oracle() throws {
        var generator = SeededRandom(seed: 20_261_129)
        let time = try #require(Timestamp("2026-11-29T12:34:56Z"))
        var (questions, ours): (String, [String]) = ("", [])
        for _ in 0..<200 {
            let (signature, request) = Self.random(&generator)
            let headers = signature.headers(of: request, at: time)
            let authorization = try #require(headers.first { $0.name == "authorization" }?.value)
            ours.append(String(authorization.suffix(64)))
            let query = RequestSignature.query(request.query)
            let asked: JSON = [
                "key": .string(signature.accessKey), "secret": .string(signature.secretKey.reveal()),
                "region": .string(signature.region), "method": .string(request.method), "stamp": "20261129T123456Z",
                "url": .string(
                    "http://\(request.host)\(RequestSignature.encoded(request.path, keepsSlash: true))"
                        + (query.isEmpty ? "" : "?\(query)")),
                "headers": .object(
                    Dictionary(
                        uniqueKeysWithValues: headers.filter { $0.name != "authorization" }.map {
                            ($0.name, .string($0.value))
                        })),
            ]
            questions += asked.canonicalText + "\n"
        }
        let theirs = try Self.run(questions).split(separator: "\n").map(String.init)
        #expect(theirs == ours, "seed 20261129")
    }

    private static func run(_ input: String) throws -> String {
        let folder = try TemporaryFolder("andon-signatures")
        let file = folder.path + "/questions"
        try Data(input.utf8).write(to: URL(fileURLWithPath: file))
        let child = Process()
        let output = Pipe()
        child.executableURL = URL(fileURLWithPath: try #require(RealS3.python))
        child.arguments = ["-W", "ignore", "-c", judge]
        child.standardInput = FileHandle(forReadingAtPath: file)
        child.standardOutput = output
        try child.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        child.waitUntilExit()
        return String(decoding: answer, as: UTF8.self)
    }
}
