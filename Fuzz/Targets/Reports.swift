import AndonIntake
import AndonModel

/// What senders of reports may send.
extension FuzzTarget {
    static let reports = [json, inspection, frameCounts, cloudEvents, multipart, headers, probe]

    /// What is accepted is written and read again as the same value.
    private static let json = FuzzTarget(
        "json", seeds: { inspections + frames },
        check: { input in
            guard let value = try? JSON(parsing: input) else { return }
            let bytes = value.canonicalBytes
            let again = try? JSON(parsing: bytes)
            try promise(again == value && again?.canonicalBytes == bytes, "written and read again it is another value")
        })

    /// What is accepted is stored and read again as the same inspection; a refusal is short.
    private static let inspection = FuzzTarget(
        "inspection", seeds: { inspections },
        check: { input in
            let size = input.count % 2 == 0 ? PixelSize(width: 1920, height: 1080) : nil
            do throws(Problem) {
                let read = try InspectionReader().read(input, pictureSize: size)
                let stored = InspectionReader.json(of: read).canonicalBytes
                let again = Result { () throws(Problem) in try InspectionReader().read(stored, pictureSize: size) }
                if again != .success(read) { throw Problem.changed }
            } catch {
                try check(error)
            }
        })

    private static let frameCounts = FuzzTarget(
        "frame-counts", seeds: { frames },
        check: { input in
            do throws(Problem) {
                let read = try FrameCountReader().read(input)
                let stored = FrameCountReader.json(of: read).canonicalBytes
                let again = Result { () throws(Problem) in try FrameCountReader().read(stored) }
                if again != .success(read) { throw Problem.changed }
            } catch {
                try check(error)
            }
        })

    /// The first byte chooses the content type and the header `ce-specversion`.
    private static let cloudEvents = FuzzTarget(
        "cloud-events", seeds: { events.map { [0] + $0 } },
        check: { input in
            let choice = Int(input.first ?? 0)
            let types = ["application/cloudevents+json", "application/json", "application/cloudevents-batch+json"]
            let values = [nil, "1.0", "", "%", "%zz", "a%00b", "\u{FFFD}"]
            let (type, header) = (types[choice % 3], values[choice / 3 % values.count])
            do throws(Problem) {
                let document = try CloudEvents().document(Array(input.dropFirst()), contentType: type) { _ in header }
                if header == nil, type != types[1], document.json.object == nil { throw Problem.changed }
            } catch {
                try check(error)
            }
        })

    /// However a body is cut, it has the same parts or the same refusal. The first two bytes say where it is cut.
    private static let multipart = FuzzTarget(
        "multipart", seeds: { multiparts.map { [40, 3] + $0 } },
        check: { input in
            let body = Array(input.dropFirst(2))
            let cuts = input.prefix(2).map { Int($0) }
            let whole = Result { () throws(Problem) in try parts(of: body, cuts: []) }
            let cut = Result { () throws(Problem) in try parts(of: body, cuts: cuts) }
            try promise(whole == cut, "cut at \(cuts) it is another")
            if case .failure(let problem) = whole { try check(problem) }
            if case .success(let parts) = whole {
                try promise(parts.reduce(0) { $0 + $1.bytes.count } <= body.count, "more came out than went in")
            }
        })

    private struct Part: Equatable {
        var headers: PartHeaders
        var bytes: [UInt8] = []
        var isEnded = false
    }

    private static func parts(of body: [UInt8], cuts: [Int]) throws(Problem) -> [Part] {
        var parser = try MultipartParser(boundary: "x", limits: IntakeLimits())
        var parts: [Part] = []
        var rest = body[...]
        for count in cuts + [body.count] {
            for event in try parser.feed(rest.prefix(count)) {
                switch event {
                case .partBegan(let headers): parts.append(Part(headers: headers))
                case .data(let bytes): parts[parts.count - 1].bytes += bytes
                case .partEnded: parts[parts.count - 1].isEnded = true
                case .finished: break
                }
            }
            rest = rest.dropFirst(count)
        }
        try parser.finish()
        return parts
    }

    private static let headers = FuzzTarget(
        "headers",
        seeds: {
            [
                "form-data; name=\"a\\\"b\"; filename*=UTF-8''%C3%9F", "multipart/form-data; boundary=x",
                "Sun, 06 Nov 1994 08:49:37 GMT", "2026-11-23T21:09:00.5+01:00", "2016-12-31T23:59:60Z", "A7K2M9QX3F",
            ].asBytes
        },
        check: { input in
            let text = String(decoding: input, as: UTF8.self)
            let value = HeaderValue(text)
            for name in value.parameters.keys { _ = value.text(name) }
            _ = HTTPDate.parse(text)
            _ = Reference(text)
            guard let time = Timestamp(text) else { return }
            try promise(Timestamp(time.description) == time, "\(time) is read as another time")
        })

    /// However the bytes are cut, the finding is the same. The first byte says where.
    private static let probe = FuzzTarget(
        "picture-probe", seeds: { try (jpegs() + pngs()).map { [9] + $0 } },
        check: { input in
            let (bytes, cut) = (Array(input.dropFirst()), min(Int(input.first ?? 0), max(0, input.count - 1)))
            let whole = Result { () throws(Problem) in try found(in: [bytes[...]]) }
            let pieces = Result { () throws(Problem) in try found(in: [bytes[..<cut], bytes[cut...]]) }
            try promise(whole == pieces, "cut at \(cut) it is another")
            if case .failure(let problem) = whole { try check(problem) }
        })

    private static func found(in pieces: [ArraySlice<UInt8>]) throws(Problem) -> ProbedPicture {
        var probe = PictureProbe()
        for piece in pieces { try probe.feed(piece) }
        return try probe.finish()
    }

    /// A refusal says little, and that it is the sender's fault.
    private static func check(_ problem: Problem) throws {
        try promise(problem != .changed, "stored and read again it is another")
        try promise(
            problem.errors.count <= 100 && problem.json.canonicalBytes.count < 128 << 10
                && (400..<500).contains(problem.status), "the refusal is long, or not the sender's: \(problem.status)")
    }

    // MARK: Seeds

    private static let inspections = [
        #"{"id":"a","detectedAt":"2026-11-23T21:09:00Z","camera":"C"}"#,
        #"""
        {"id":"press-3/7","kind":"threshold","detectedAt":"2026-11-23T21:09:00.5+01:00","camera":"CAM-7","zone":"Z",
        "lot":null,
         "model":{"name":"yolo","version":"8"},"inspected":12,"picture":{"file":"a/b.jpg","width":1920,"height":1080},
         "defects":[{"class":"d\u00e9nt","confidence":0.93,"severity":"major",
         "box":{"x":1,"y":2.5,"width":3e1,"height":4},
         "measurement":{"name":"depth","value":-0.4,"limit":0.3,"unit":"mm"},"attributes":{"k":[1,null,{"a":true}]}},
         {"class":"gap","severity":0.25,"polygon":[[0,0],{"x":10,"y":0},[10,20]],"polygonUnit":"pixel"},
         {"class":"x","box":{"x":0,"y":0,"width":1,"height":0.5,"unit":"normalised"}}],"attributes":{"shift":2}}
        """#,
        #"""
        {"id":"m","detectedAt":"2026-11-23T21:09:00Z","camera":"C","picture":{"width":60,"height":40},
         "defects":[{"class":"a","segmentation":{"size":[40,60],
         "counts":"bi01S18J4M2N2O0O2O00000O20N1000001N101N2N3L6HZg0"}},
         {"class":"b","box":{"x":57,"y":36,"width":3,"height":4},
         "segmentation":{"size":[40,60],"counts":[2357,3,37,3]}},
         {"class":"c","segmentation":[[0,0,10,0,10,20],[[20,20],[30,20],[30,30]]],"polygonUnit":"pixel"}]}
        """#,
        #"""
        {"id":"n","detectedAt":"2026-11-23T21:09:00Z","camera":"C",
         "defects":[{"class":"a","segmentation":{"size":[7,5],"counts":"11100000000000000000000000000000000"}}]}
        """#,
    ].asBytes

    private static let frames = [
        #"{"frames":[{"camera":"C","from":"2026-11-23T21:00:00Z","to":"2026-11-23T21:05:00Z","inspected":412}]}"#,
        #"""
        {"id":"b","frames":[{"camera":"C","from":"0001-01-01T00:00:00Z","to":"9999-12-31T23:59:59Z",
         "inspected":1e3,"lot":"L"},
         {"camera":"D","from":"2026-11-23T21:00:00-12:00","to":"2026-11-23T21:05:00.000001-12:00","inspected":1}]}
        """#,
    ].asBytes

    private static let events =
        inspections
        + [
            #"{"specversion":"1.0","id":"e1","source":"/plant","type":"t","time":"2026-11-23T21:09:00Z","#
                + #""data":{"camera":"C"}}"#,
            #"{"specversion":"1.0","id":"e1","source":"/p","type":"t","datacontenttype":"application/json","#
                + #""data_base64":"e30="}"#,
        ].asBytes

    private static let multiparts = [
        "--x\r\nContent-Disposition: form-data; name=\"event\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\n"
            + "Content-Disposition: form-data; name=picture; filename=\"a.jpg\"\r\n\r\n"
            + "\r\n--\r\n-x\r\r\n\n\r\n--x--\r\n",
        "preamble\r\n--x \t\r\nContent-Disposition: form-data;\r\n name=a; filename*=UTF-8''%C3%9F\r\n\r\n\r\n--x--",
    ].asBytes
}

extension Problem {
    /// Not a refusal: what was accepted did not stay itself.
    fileprivate static let changed = Problem(status: 0, type: "changed", title: "", detail: "")
}
