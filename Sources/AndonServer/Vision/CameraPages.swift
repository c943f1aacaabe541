import AndonIdentity
import AndonInference
import AndonModel
import AndonSources
import AndonVision
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The cameras whose frames this server looks at: a page, and each one's newest frame.
struct CameraPages: Sendable {
    let tools: PageTools
    let cameras: [CameraSource]

    /// The page comes again by itself: that is no sign that somebody is there.
    static let access = Access.byPage(Access.get(.read, "/cameras", "/cameras/:name/frame"))

    private static let refresh = "10"

    func add(to router: Router<AppContext>) {
        router.get("/cameras") { request, context in page(request, context) }
        router.get("/cameras/:name/frame") { _, context in
            let camera = try CameraRoutes.camera(
                try context.parameters.decoded("name"), cameras, tools.scope(context.caller))
            guard let frame = camera.board.newest else { throw Answer.notFound("frame of \"\(camera.name)\" yet") }
            return Answer.picture(frame.picture.bytes, frame.picture.format == .jpeg ? "image/jpeg" : "image/png")
        }
    }

    private func page(_ request: Request, _ context: AppContext) -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let scope = tools.scope(context.caller)
        let words = CameraWords(texts: texts, formats: formats)
        var values: [String: Any] = [:]
        let seen = cameras.filter { scope.sees(camera: $0.settings.camera) }.map { ($0, $0.board.now) }
        // What somebody must go to stands first, each part as it is configured.
        let shown = seen.filter { $0.1.needsSomebody } + seen.filter { !$0.1.needsSomebody }
        values["cameras"] = shown.map { words.values($0, $1) }
        values["isEmpty"] = shown.isEmpty
        // A page that comes again takes the focus away from who reads it by keys or ears.
        let isHeld = request.uri.queryParameters["hold"] == "yes"
        values["isHeld"] = isHeld
        var response = tools.web.page(
            "cameras", values, title: texts["cameras", "title"], section: "cameras", request, context)
        if !isHeld, let name = HTTPField.Name("Refresh") { response.headers[name] = Self.refresh }
        return response
    }
}

/// What the page says of a camera.
struct CameraWords {
    let texts: Texts
    let formats: Formats

    func values(_ camera: CameraSource, _ now: CameraStanding) -> [String: Any] {
        var values: [String: Any] = [:]
        values["name"] = camera.name
        values["camera"] = camera.settings.camera
        values["state"] = texts["cameras", "state-\(now.state.rawValue)"]
        values["isConnected"] = now.state == .connected
        values["since"] = formats.time(now.since)
        values["lastFrame"] = now.lastFrameAt.map { formats.time($0) }
        // Not "frame": without one, a template would find the page's own.
        values["picture"] = camera.board.newest.map {
            "/cameras/\(camera.name.urlPathEscaped)/frame?number=\($0.number)"
        }
        values["frameOf"] = texts.text("cameras", "frame-of", ["camera": camera.name])
        values["scene"] = now.sceneLearnedAt.map { formats.time($0) } ?? texts["cameras", "scene-learning"]
        values["rate"] = now.rate.map { formats.number($0, digits: 1) }
        values["unavailable"] = now.unavailable
        values["error"] = now.state == .connected ? nil : now.lastError
        values["troubles"] = now.troubles.sorted { $0.key < $1.key }.map { kind, why in
            ["kind": texts["cameras", "trouble-\(kind)"], "why": why]
        }
        values["counts"] = counts(now)
        values["latency"] = latency(now)
        values["hasLatency"] = !now.latency.isEmpty
        values["limit"] = milliseconds(camera.settings.latencyMax)
        values["isSlow"] = now.isSlow
        values["model"] = now.model.map { model($0) }
        values["shadow"] = now.shadow.map { shadow($0) }
        return values
    }

    private func counts(_ now: CameraStanding) -> [[String: Any]] {
        func row(_ key: String, _ count: Int) -> [String: Any] {
            ["name": texts["cameras", key], "count": formats.number(count)]
        }
        let tally = now.tally
        var rows = [row("received", tally.received), row("reported", tally.reported), row("good", tally.good)]
        rows.append(row("under-way", tally.underWay))
        for (reason, count) in tally.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > 0 {
            rows.append(row("dropped-\(reason.rawValue)", count))
        }
        if tally.gapsAtSource > 0 { rows.append(row("gaps", tally.gapsAtSource)) }
        return rows
    }

    private func latency(_ now: CameraStanding) -> [[String: Any]] {
        CameraStanding.Stage.allCases.compactMap { stage in
            guard let figures = now.latency[stage] else { return nil }
            return [
                "stage": texts["cameras", "stage-\(stage.rawValue)"], "p50": milliseconds(figures.p50),
                "p95": milliseconds(figures.p95), "p99": milliseconds(figures.p99),
            ]
        }
    }

    private func milliseconds(_ time: Duration) -> String { formats.number(time.milliseconds, digits: 1) }

    private func model(_ model: ModelStanding) -> [String: Any] {
        [
            "name": model.name, "version": model.version, "sha256": model.sha256,
            "short": String(model.sha256.prefix(12)),
            "engine": model.engine,
        ]
    }

    private func shadow(_ shadow: ShadowStanding) -> [String: Any] {
        let compared = shadow.comparison
        var values = model(shadow.model)
        values["frames"] = formats.number(compared.frames)
        values["agreed"] = formats.number(compared.agreed)
        values["onlyLive"] = formats.number(compared.onlyLive)
        values["onlyShadow"] = formats.number(compared.onlyShadow)
        values["otherClasses"] = formats.number(compared.otherClasses)
        values["difference"] = compared.meanScoreDifference.map { formats.number($0, digits: 3) }
        values["shadowError"] = shadow.lastError
        return values
    }
}
