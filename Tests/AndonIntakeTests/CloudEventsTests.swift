import AndonIntake
import AndonModel
import Testing

@Suite("CloudEvents 1.0")
struct CloudEventsTests {
    private let inspection = #"{"id":"i1","detectedAt":"2026-11-23T21:09:00Z","camera":"C"}"#

    private func document(
        _ body: String, type: String? = "application/cloudevents+json; charset=UTF-8", _ headers: [String: String] = [:]
    ) throws(Problem) -> IntakeDocument {
        try CloudEvents().document(Array(body.utf8), contentType: type) { headers[$0] }
    }

    private func event(_ members: String) -> String {
        #"{"specversion":"1.0","id":"e 1","source":"/plant/line3","type":"defect",\#(members)}"#
    }

    private let headers = ["ce-specversion": "1.0", "ce-id": "e%201", "ce-source": "/plant/line3", "ce-type": "defect"]

    @Test(
        "A plain body is the inspection itself", arguments: [nil, "application/json", "APPLICATION/JSON;charset=utf-8"])
    func plain(type: String?) throws {
        #expect(try document(inspection, type: type) == IntakeDocument(try JSON(parsing: inspection)))
    }

    @Test("The data of a structured event is the inspection, as an object or in base 64")
    func structured() throws {
        let json = try JSON(parsing: inspection)

        #expect(try document(event("\"data\":\(inspection)")) == IntakeDocument(json, pointer: "/data"))
        let encoded = "eyJpZCI6ImkxIiwiZGV0ZWN0ZWRBdCI6IjIwMjYtMTEtMjNUMjE6MDk6MDBaIiwiY2FtZXJhIjoiQyJ9"
        #expect(
            try document(event("\"data_base64\":\"\(encoded)\"")) == IntakeDocument(json, pointer: "/data_base64"))
    }

    @Test("The body of a binary event is the inspection")
    func binary() throws {
        #expect(try document(inspection, type: "application/json", headers).json == JSON(parsing: inspection))
    }

    @Test("What the inspection lacks comes from the envelope")
    func completed() throws {
        let time = "2026-11-23T21:09:00Z"
        let structured = try document(event(#""time":"\#(time)","data":{"camera":"C","id":null}"#))
        let binary = try document(
            #"{"camera":"C"}"#, type: "application/json", headers.merging(["ce-time": time]) { $1 })

        for document in [structured, binary] {
            let read = try InspectionReader().read(document)
            #expect(read.id == "/plant/line3/e 1")
            #expect(read.detectedAt.description == "2026-11-23T21:09:00.000000Z")
        }
    }

    @Test("What the inspection says itself is kept")
    func kept() throws {
        let read = try document(event(#""time":"2020-01-01T00:00:00Z","data":\#(inspection)"#))

        #expect(read.json == (try JSON(parsing: inspection)))
    }

    @Test(
        "A faulty envelope is refused with the attribute's place",
        arguments: [
            (#"{"specversion":"0.3","id":"a","source":"s","type":"t","data":{}}"#, ["/specversion"]),
            (#"{"id":"a","source":"s","type":"t","data":{}}"#, ["/specversion"]),
            (#"{"specversion":1.0,"id":"","source":5,"data":{}}"#, ["/specversion", "/id", "/source", "/type"]),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t"}"#, ["/data"]),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t","data":"{}"}"#, ["/data"]),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t","data":{},"data_base64":""}"#, ["/data_base64"]),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t","data_base64":"e3=="}"#, ["/data_base64"]),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t","time":"today","data":{}}"#, ["/time"]),
            (
                #"{"specversion":"1.0","id":"a","source":"s","type":"t","datacontenttype":"image/png","data":{}}"#,
                ["/datacontenttype"]
            ),
            ("[]", [""]),
        ])
    func faulty(body: String, pointers: [String]) {
        let problem = refusal { try document(body) }

        #expect(problem?.type == "invalid-event")
        #expect(problem?.status == 422)
        #expect(problem?.pointers == pointers)
    }

    @Test("A binary event without its attributes is refused by the header's name")
    func faultyBinary() {
        let problem = refusal {
            try document(inspection, type: "application/json", ["ce-id": "a", "ce-specversion": "2"])
        }

        #expect(problem?.errors.count == 3)
        #expect(problem?.detail.contains("the header ce-specversion should be \"1.0\"") == true)
    }

    @Test(
        "Batches, other event formats and bodies that are not JSON are answered 415",
        arguments: [
            "application/cloudevents-batch+json", "application/cloudevents+avro", "application/cloudevents",
            "text/plain", "image/jpeg",
            "application/x-www-form-urlencoded", "",
        ])
    func unsupported(type: String) {
        #expect(refusal { try document("[]", type: type) }?.status == 415)
    }
}
