import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIntake

@Suite("What object storage says")
struct S3AnswerTests {
    private static let list = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>andon</Name><Prefix>a&amp;b/</Prefix>
        <KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
        <Contents><Key>a&amp;b/one</Key><LastModified>2026-11-29T12:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag>
        <Size>17</Size><StorageClass>STANDARD</StorageClass></Contents>
        <Contents><Size>0</Size><Key>a&#38;b/&#x74;wo</Key></Contents></ListBucketResult>
        """

    @Test("A list is its objects with their lengths and times, and whether there are more")
    func lists() throws {
        let page = try #require(S3Answer.list(Array(Self.list.utf8)))
        #expect(page.isCut)
        #expect(page.objects.map(\.key) == ["a&b/one", "a&b/two"])
        #expect(page.objects.map(\.bytes) == [17, 0])
        #expect(page.objects.first?.at == Timestamp("2026-11-29T12:00:00Z"))
        #expect(S3Answer.list(Array("<html>not found</html>".utf8)) == nil)
        #expect(S3Answer.list([]) == nil)
    }

    @Test("A refusal is the server's word for it and its sentence; what is no refusal is none")
    func refusals() {
        let body = "<Error><Code>SlowDown</Code><Message>Reduce &lt;your&gt; rate</Message></Error>"
        #expect(S3Answer.refusal(Array(body.utf8)) == .init(code: "SlowDown", message: "Reduce <your> rate"))
        for other in ["", "<Code>", "</Code><Code>", "<Code></Code>", "gateway time-out"] {
            #expect(S3Answer.refusal(Array(other.utf8)) == nil, "\(other)")
        }
    }

    @Test("A list with a length below nothing, a cut entry or more entries than were asked for is no list")
    func bad() {
        func list(_ entries: String) -> [UInt8] { Array("<ListBucketResult>\(entries)</ListBucketResult>".utf8) }
        #expect(S3Answer.list(list("<Contents><Key>a</Key><Size>-1</Size></Contents>")) == nil)
        #expect(S3Answer.list(list("<Contents><Key>a</Key></Contents>")) == nil)
        #expect(S3Answer.list(list("<Contents><Key>a</Key><Size>1</Size>"))?.objects.isEmpty == true)
        let entry = "<Contents><Key>a</Key><Size>1</Size></Contents>"
        #expect(S3Answer.list(list(String(repeating: entry, count: 1000)))?.objects.count == 1000)
        #expect(S3Answer.list(list(String(repeating: entry, count: 1001))) == nil)
    }

    @Test("A name of an object says digest and generation; everything else is no name of ours")
    func names() throws {
        let sha256 = Hex.sha256(Array("picture".utf8))
        for generation in [0, 1, 12] {
            let name = ObjectName(sha256: sha256, generation: generation)
            #expect(ObjectName("\(name)") == name)
        }
        #expect("\(ObjectName(sha256: sha256, generation: 0))" == "\(sha256.prefix(2))/\(sha256)")
        let shelf = sha256.prefix(2)
        for text in [
            "", "/", sha256, "00/\(sha256)", "\(shelf)/\(sha256).0", "\(shelf)/\(sha256).-1", "\(shelf)/\(sha256).x",
            "\(shelf)/\(sha256).1.jpg", "\(shelf)/\(sha256.uppercased())", "\(shelf)/\(sha256)/",
            "\(shelf)/\(sha256).01",
        ] { #expect(ObjectName(text) == nil, "\(text)") }
    }

    @Test("The host is written as HTTP has it, and named without its port")
    func hosts() {
        func place(_ endpoint: String) -> S3Place {
            S3Place(
                endpoint: endpoint, bucket: "b", region: "r", accessKey: Secret("a"), secretKey: Secret("s"),
                timeout: .seconds(1))
        }
        #expect(place("https://minio.plant:9000").host == "minio.plant:9000")
        #expect(place("https://minio.plant:443").host == "minio.plant")
        #expect(place("http://10.0.0.7:80").host == "10.0.0.7")
        #expect(place("http://[fd00::1]:9000").hostName == "fd00::1")
        #expect(place("https://minio.plant:9000").hostName == "minio.plant")
    }
}
