import AndonInference
import AndonModel
import AndonSources
import AndonVision

/// How cameras stand: for programs, for Prometheus, and as lines for people at three in the morning.
enum CameraFigures {
    static func json(_ camera: CameraSource, refusals: Int) -> JSON {
        let standing = camera.board.now
        return .object(present: [
            "name": .string(camera.name), "type": .string(CameraKeeping.type),
            "camera": .string(camera.settings.camera), "state": .string(standing.state.rawValue),
            "since": .time(standing.since), "lastEventAt": standing.lastFrameAt.map { .time($0) },
            "received": .integer(standing.tally.received), "reported": .integer(standing.tally.reported),
            "good": .integer(standing.tally.good), "goodPending": .integer(standing.goodPending),
            "underWay": .integer(standing.tally.underWay), "dropped": drops(standing.tally),
            "gapsAtSource": .integer(standing.tally.gapsAtSource),
            "framesPerSecond": standing.rate.map { .number(rounded($0)) },
            "troubles": .object(standing.troubles.mapValues { .string($0) }),
            "troublesReported": .integer(standing.troublesReported),
            "sceneLearnedAt": standing.sceneLearnedAt.map { .time($0) },
            "latencyMs": latency(standing), "framesLate": .integer(standing.framesLate),
            "latencyMaxMs": .number(camera.settings.latencyMax.milliseconds), "isSlow": .bool(standing.isSlow),
            "model": standing.model.map { model($0) }, "unavailable": standing.unavailable.map { .string($0) },
            "shadow": standing.shadow.map { shadow($0) }, "evidenceLost": .integer(standing.evidenceLost),
            "refusalsKept": .integer(refusals), "lastError": standing.lastError.map { .string($0) },
        ])
    }

    static func model(_ model: ModelStanding) -> JSON {
        [
            "name": .string(model.name), "version": .string(model.version), "sha256": .string(model.sha256),
            "engine": .string(model.engine), "task": .string(model.task.rawValue), "card": .string(model.card),
        ]
    }

    private static func shadow(_ shadow: ShadowStanding) -> JSON {
        let compared = shadow.comparison
        return .object(present: [
            "model": model(shadow.model), "frames": .integer(compared.frames), "agreed": .integer(compared.agreed),
            "otherClasses": .integer(compared.otherClasses), "onlyLive": .integer(compared.onlyLive),
            "onlyShadow": .integer(compared.onlyShadow), "failed": .integer(compared.failed),
            "skipped": .integer(shadow.skipped),
            "meanScoreDifference": compared.meanScoreDifference.map { .number($0) },
            "lastError": shadow.lastError.map { .string($0) },
        ])
    }

    private static func drops(_ tally: FrameTally) -> JSON {
        .object(Dictionary(uniqueKeysWithValues: tally.dropped.map { ($0.key.rawValue, .integer($0.value)) }))
    }

    private static func latency(_ standing: CameraStanding) -> JSON {
        .object(
            Dictionary(
                uniqueKeysWithValues: standing.latency.map { stage, figures in
                    (
                        stage.rawValue,
                        [
                            "p50": .number(figures.p50.milliseconds), "p95": .number(figures.p95.milliseconds),
                            "p99": .number(figures.p99.milliseconds), "frames": .integer(figures.count),
                        ]
                    )
                }))
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    static func lines(_ cameras: [CameraSource]) -> String {
        cameras.map { camera in
            let now = camera.board.now
            let parts: [String?] = [
                "camera \(camera.name): \(now.state.rawValue) since \(now.since)",
                now.unavailable.map { "vision stage not available: \($0)" },
                now.troubles.isEmpty ? nil : now.troubles.keys.sorted().joined(separator: ", "),
                now.tally.droppedInAll > 0 ? "\(now.tally.droppedInAll) frames dropped" : nil,
                now.isSlow ? "slow" : nil, now.state == .connected ? nil : now.lastError,
            ]
            return parts.compactMap { $0 }.joined(separator: "; ") + "\n"
        }.joined()
    }

    // MARK: Prometheus

    private struct Figure: Sendable {
        var name: String
        var help: String
        var lines: @Sendable (CameraSource, CameraStanding) -> [(labels: String, value: Double)]

        /// One line a camera.
        static func one(
            _ name: String, _ help: String, _ value: @escaping @Sendable (CameraStanding) -> Double
        ) -> Figure {
            Figure(name: name, help: help) { [("source=\"\($0.name)\"", value($1))] }
        }
    }

    private static let figures: [Figure] = [
        .one("andon_camera_connected", "1 while frames can come.") { $0.state == .connected ? 1 : 0 },
        .one("andon_vision_available", "1 while a model looks at the frames.") { standing in
            standing.model != nil && standing.unavailable == nil ? 1 : 0
        },
        .one("andon_frames_received_total", "Frames that the camera handed over.") { Double($0.tally.received) },
        .one("andon_frames_reported_total", "Of these, with a defect that was reported.") { Double($0.tally.reported) },
        .one("andon_frames_good_total", "Of these, without a defect, counted.") { Double($0.tally.good) },
        .one("andon_frames_waiting", "Of these, not ended yet.") { Double($0.tally.underWay) },
        .one("andon_frames_late_total", "Frames that took longer than their limit.") { Double($0.framesLate) },
        .one("andon_camera_troubles", "What is wrong with the camera itself.") { Double($0.troubles.count) },
        Figure(name: "andon_frames_dropped_total", help: "Frames that no report was made of, by reason.") {
            camera, standing in
            FrameTally.Drop.allCases.map { reason in
                (
                    "source=\"\(camera.name)\",reason=\"\(reason.rawValue)\"",
                    Double(standing.tally.dropped[reason] ?? 0)
                )
            }
        },
        Figure(name: "andon_frame_seconds", help: "Of the last 1000 frames; total is from capture to acceptance.") {
            camera, standing in
            standing.latency.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { stage, figures in
                [("0.5", figures.p50), ("0.95", figures.p95), ("0.99", figures.p99)].map { share, time in
                    (
                        "source=\"\(camera.name)\",stage=\"\(stage.rawValue)\",quantile=\"\(share)\"", time.seconds
                    )
                }
            }
        },
        Figure(name: "andon_camera_model_info", help: "The model that looks at the frames.") { camera, standing in
            standing.model.map { model in
                [
                    (
                        "source=\"\(camera.name)\",model=\"\(escaped(model.name))\",version=\""
                            + "\(escaped(model.version))\",sha256=\"\(model.sha256)\"", 1
                    )
                ]
            } ?? []
        },
    ]

    /// Of a label's value, as Prometheus wants it.
    private static func escaped(_ text: String) -> String {
        text.asOneLine.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    static func metrics(_ cameras: [CameraSource]) -> String {
        guard !cameras.isEmpty else { return "" }
        let now = cameras.map { ($0, $0.board.now) }
        return figures.map { figure in
            let type = figure.name.hasSuffix("_total") ? "counter" : "gauge"
            return "# HELP \(figure.name) \(figure.help)\n# TYPE \(figure.name) \(type)\n"
                + now.flatMap { figure.lines($0, $1) }.map { "\(figure.name){\($0.labels)} \($0.value)\n" }.joined()
        }.joined()
    }
}
