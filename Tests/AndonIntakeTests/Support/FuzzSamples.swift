import AndonModel
import AndonTesting

/// Right inputs from which the fuzz tests make wrong ones.
enum FuzzSamples {
    static let inspections = [
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
    ].map { Array($0.utf8) }

    static let frames = [
        #"{"frames":[{"camera":"C","from":"2026-11-23T21:00:00Z","to":"2026-11-23T21:05:00Z","inspected":412}]}"#,
        #"""
        {"id":"b","frames":[{"camera":"C","from":"0001-01-01T00:00:00Z","to":"9999-12-31T23:59:59Z",
         "inspected":1e3,"lot":"L"},
         {"camera":"D","from":"2026-11-23T21:00:00-12:00","to":"2026-11-23T21:05:00.000001-12:00","inspected":1}]}
        """#,
    ].map { Array($0.utf8) }

    static let events =
        inspections
        + [
            #"{"specversion":"1.0","id":"e1","source":"/plant","type":"t","time":"2026-11-23T21:09:00Z","#
                + #""data":{"camera":"C"}}"#,
            #"{"specversion":"1.0","id":"e1","source":"/p","type":"t","datacontenttype":"application/json","#
                + #""data_base64":"e30="}"#,
        ].map { Array($0.utf8) }

    static let multiparts = [
        "--x\r\nContent-Disposition: form-data; name=\"event\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\n"
            + "Content-Disposition: form-data; name=picture; filename=\"a.jpg\"\r\n\r\n"
            + "\r\n--\r\n-x\r\r\n\n\r\n--x--\r\n",
        "preamble\r\n--x \t\r\nContent-Disposition: form-data;\r\n name=a; filename*=UTF-8''%C3%9F\r\n\r\n\r\n--x--",
    ].map { Array($0.utf8) }

    static let pictures = [
        SamplePicture.jpeg(width: 1920, height: 1080), SamplePicture.png(width: 640, height: 480),
        SamplePicture.jpeg(width: 3, height: 2, application: SamplePicture.jpeg(width: 1, height: 1)),
        Array("hello".utf8),
    ]
}

extension SeededRandom {
    /// Tokens at which readers of text and of lengths have failed before.
    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u0000", "\\ud800", "null", "NaN", "1e308", "-1", "0", "1e999",
            "-0",
            "-9223372036854775808", "18446744073709551616", "\r\n", "\r\n--x", "--", "\r", ";", "=", "%", "''", "\u{0}",
            "é",
            "2026-02-30T00:00:00Z", "9999-12-31T23:59:60-23:59", "\u{202E}",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xFF, 0xD9], [0xFF, 0xC0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80], [0xC0, 0x80],
        ]

    /// Values that are JSON and at the edge of what a reader takes.
    private static let values: [JSON] = [
        nil, true, 0, 1, -1, 0.5, 1e6, 1_000_001, 1e308, .number(-0.0), .number(-9_223_372_036_854_775_808), 1919.999,
        [],
        [0, 0], [[0, 0], [0, 1], [1, 1]], [:], "", " ", "a", "e\u{301}", "é", "normalised", "pixel", "anomaly",
        "\u{202E}",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2016-12-31T23:59:60+01:00",
    ]

    /// The text of a JSON sample in which one to three values were replaced, or left out: still JSON, so that the
    /// readers get past the syntax. Any other sample is given back as it is.
    mutating func mutatedValues(_ sample: [UInt8]) -> [UInt8] {
        guard var json = try? JSON(parsing: sample) else { return sample }
        for _ in 0..<int(1...3) { json = mutated(json) }
        return json.canonicalBytes
    }

    private mutating func mutated(_ value: JSON) -> JSON {
        switch value {
        case .object(var members) where !members.isEmpty && !chance(5):
            let name = pick(members.keys.sorted())
            members[name] = chance(10) ? nil : members[name].map { mutated($0) }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && !chance(5):
            let index = int(0...elements.count - 1)
            elements[index] = mutated(elements[index])
            if chance(20) { elements.append(elements[index]) }
            return .array(elements)
        case .number(let number) where chance(60): return .number(number * pick([0, 0.5, 0.999, 1.001, 2, -1, 1000]))
        default: return pick(Self.values)
        }
    }

    /// Mostly one or two changes: a byte, a token, a cut, a repetition, a piece of another sample.
    mutating func mutated(_ sample: [UInt8], with samples: [[UInt8]]) -> [UInt8] {
        var bytes = sample
        for _ in 0..<(chance(70) ? int(1...2) : int(3...6)) {
            let place = int(0...bytes.count)
            let end = min(bytes.count, place + int(0...12))
            switch int(0...6) {
            case 0 where place < bytes.count: bytes[place] = UInt8(int(0...255))
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(int(0...7))
            case 2: bytes.insert(contentsOf: pick(Self.tokens), at: place)
            case 3: bytes.replaceSubrange(place..<end, with: pick(Self.tokens))
            case 4: bytes.removeSubrange(place..<end)
            case 5:
                bytes.insert(contentsOf: Array(repeating: bytes[place..<end], count: int(1...20)).joined(), at: place)
            default:
                let other = pick(samples)
                let start = int(0...other.count)
                bytes.insert(contentsOf: other[start..<min(other.count, start + int(0...30))], at: place)
            }
        }
        return bytes
    }
}
