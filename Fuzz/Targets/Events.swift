import AndonIntake
import AndonModel
import AndonSources

/// What vision systems send in their own words.
extension FuzzTarget {
    static let edgeEvents = EventDialect.allCases.map(target)

    /// A message becomes reports, skips and refusals: the same each time, and each report is one that the intake reads or refuses
    /// in its own words.
    private static func target(_ dialect: EventDialect) -> FuzzTarget {
        let settings = EventsSettings(
            reading: SettingsReader(
                mapping(dialect), faults: SettingsFaults(),
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
        let mapper = EventMapper(source: "edge", settings: settings)
        return FuzzTarget(
            "events-\(dialect.rawValue)", shortCount: 1000, seeds: { seeds[dialect] ?? [] },
            check: { input in
                guard let body = try? JSON(parsing: input) else { return }
                let delivery = EventDelivery(body: body, receivedAt: Timestamp(microseconds: 1_764_403_200_000_000))
                let mapped = mapper.mapped(delivery)
                try promise(mapped == mapper.mapped(delivery), "the same message became two things")
                for event in mapped { try check(event) }
            })
    }

    private static func check(_ event: MappedEvent) throws {
        switch event {
        case .skipped(let reason): try promise(!reason.isEmpty, "a skip without words")
        case .refused(let key, _, let reason, _):
            try promise(!key.isEmpty && !reason.isEmpty, "a refusal without a name or words")
        case .report(let report):
            try promise(
                report.id.hasPrefix("event:") && report.id.utf8.count == 46, "the id is \(report.id)")
            let document = report.document.withRegionsCut(width: 640, height: 480)
            do throws(Problem) { _ = try InspectionReader(limits: IntakeLimits()).read(IntakeDocument(document)) } catch
            {
                try promise(error.status < 500 && !error.errors.isEmpty, "refused without a place: \(error)")
            }
        }
    }

    private static func mapping(_ dialect: EventDialect) -> Settings {
        func scalar(_ text: String) -> Settings { Settings(.scalar(text, quoted: false), line: 1, column: 1, path: "") }
        func map(_ members: [String: Settings]) -> Settings {
            let entries = members.sorted { $0.key < $1.key }.map {
                Settings.Entry(key: $0.key, keyLine: 1, keyColumn: 1, value: $0.value)
            }
            return Settings(.map(entries), line: 1, column: 1, path: "")
        }
        var own = ["camera": "CAM-01"]
        if dialect == .webhook {
            own = [
                "camera": "/cam", "class": "/class", "confidence": "/sure", "box": "/box", "polygon": "/outline",
                "mask": "/mask", "detectedAt": "/t", "detectedAtUnit": "milliseconds", "defects": "/found",
            ]
        }
        return map(["dialect": scalar(dialect.rawValue), "mapping": map(own.mapValues(scalar))])
    }

    private static let seeds: [EventDialect: [[UInt8]]] = [
        .webhook: [
            #"[{"cam":"CAM-01","t":1764403200500,"found":[{"class":"scratch","sure":0.4,"box":[1,2,3,4],"outline":[[1,2],[3,4],[5,1]],"mask":{"size":[8,8],"counts":"0"}}]}]"#
        ],
        .deepstream: [
            #"{"messageid":"m-1","@timestamp":"2026-11-29T08:00:00Z","sensor":{"id":"C"},"analyticsModule":{"id":"s","version":"1"},"object":{"id":"7","scratch":{"depth":"x","confidence":0.9},"bbox":{"topleftx":-2,"toplefty":10,"bottomrightx":60,"bottomrighty":30}}}"#,
            #"{"version":"4.0","id":"41","@timestamp":"2026-11-29T08:00:00Z","sensorId":"C","objects":["-1|585|472|642|518|scratch|#|deep|0.83","3|1|2|3|4|dent"]}"#,
        ],
        .roboflow: [
            #"{"inference_id":"i","image":{"width":640,"height":480},"predictions":[{"x":100,"y":60,"width":40,"height":20,"class":"scratch","confidence":0.9,"points":[{"x":1,"y":2},{"x":9,"y":2},{"x":9,"y":8}]}]}"#,
            #"{"outputs":[{"predictions":{"image":{"width":1,"height":1},"predictions":[],"top":"dent","confidence":0.5}}]}"#,
            #"{"predictions":{"a":{"confidence":0.5}},"predicted_classes":["a"],"anomaly_score":3,"anomaly_threshold":1,"anomaly_scale":2}"#,
            #"{"inference_timestamp":"2026-11-29T08:00:00Z","event_schema":"quality_check","event_data":{"result":"fail","externalId":"U"},"images":[{"objectDetections":[{"class":"dent","x":5,"y":5,"width":4,"height":4,"confidence":1}]}]}"#,
        ],
        .frigate: [
            #"{"type":"new","before":{},"after":{"id":"a","camera":"C","label":"box","sub_label":["red",0.8],"top_score":0.9,"false_positive":false,"start_time":1764403200.5,"box":[10,20,110,70]}}"#
        ],
    ].mapValues { $0.map { Array($0.utf8) } }
}
