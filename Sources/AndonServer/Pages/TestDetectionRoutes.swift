import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import AndonWeb
import HTTPTypes
import Hummingbird

/// A detection that is a test goes the whole way, and a page shows how far it has come.
struct TestDetectionRoutes: Sendable {
    let tools: PageTools
    let door: ReportDoor

    static let path = "/test-detection"
    static let access = Access.all(
        Access.get(.report, "/test-detection", "/test-detection/:id"), Access.post(.report, "/test-detection"))

    private static let severity = "0.5"

    func add(to router: Router<AppContext>) {
        router.get("/test-detection") { request, context in page([:], request, context) }
        router.post("/test-detection") { request, context in try await send(request, context) }
        router.get("/test-detection/:id") { request, context in try await follow(request, context) }
    }

    // MARK: Sending

    private func send(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let typed = (camera: fields["camera"] ?? "", severity: fields["severity"] ?? Self.severity)
        do throws(Problem) {
            let id = try await send(typed, context)
            return .redirect(to: "\(Self.path)/\(id)", type: .normal)
        } catch {
            var values: [String: Any] = [:]
            values["problem"] = "\(error.title). \(error.detail)"
            return page(values, typed: typed, status: .init(code: error.status), request, context)
        }
    }

    /// - Returns: the last part of its id.
    private func send(
        _ typed: (camera: String, severity: String), _ context: AppContext
    ) async throws(Problem) -> String {
        guard !typed.camera.isEmpty, typed.camera.count <= 200 else {
            throw Self.fault("Name a camera, with 200 characters at most.")
        }
        guard let severity = Double(typed.severity.replacing(",", with: ".")), (0...1).contains(severity) else {
            throw Self.fault("The severity is a number from 0 to 1, found \"\(typed.severity.cut(to: 20))\".")
        }
        do {
            let plant = tools.inForce().plant
            if let asset = plant.cameras[typed.camera]?.asset {
                try tools.scope(context.caller, .report).demand(asset: asset, "camera \(typed.camera)")
            }
            let test = try TestDetection(
                camera: typed.camera, severity: severity, time: tools.store.time, random: tools.store.random)
            let taken = try await SourceDoor(door: door).take(test.report, picture: .bytes(Array(test.picture)))
            if case .refused(let problem) = taken { throw problem }
            return String(test.id.dropFirst(TestDetection.idPrefix.count))
        } catch {
            throw Answer.problem(for: error)
        }
    }

    private static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-form", title: "The form has a fault", detail: detail)
    }

    // MARK: Following

    private func follow(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = try context.parameters.decoded("id")
        let way = try await tools.store.read { reader -> TestWay in
            guard let record = try reader.inspection(TestDetection.idPrefix + id),
                let detection = try reader.detections(of: record).first
            else { throw Answer.notFound("test detection \"\(id.cut(to: 40))\"") }
            let order = try detection.reference.flatMap { try reader.order($0) }
            return TestWay(
                record: record, detection: detection, order: order,
                attempts: try order.map { try reader.attempts(of: $0.reference) } ?? [])
        }
        try tools.scope(context.caller, .report).demand(asset: way.record.asset, "test detection \"\(id.cut(to: 40))\"")
        var values = way.values(tools.web.texts(context.language), tools.web.formats(context.language))
        values["isWay"] = true
        values["id"] = way.record.id
        values["here"] = "\(Self.path)/\(id.urlPathEscaped)"
        let typed = (camera: way.record.camera, severity: Self.severity)
        return page(values, typed: typed, request, context)
    }

    private func page(
        _ values: [String: Any], typed: (camera: String, severity: String)? = nil,
        status: HTTPResponse.Status = .ok, _ request: Request, _ context: AppContext
    ) -> Response {
        let plant = tools.inForce().plant
        let scope = tools.scope(context.caller, .report)
        let cameras = plant.cameras.values.filter { camera in camera.asset.map { scope.sees(asset: $0) } ?? true }
            .sorted { $0.id < $1.id }
        var all = values
        all["camera"] = typed?.camera ?? ""
        all["severity"] = typed?.severity ?? Self.severity
        all["hasCameras"] = !cameras.isEmpty
        all["cameras"] = cameras.map { camera -> [String: Any] in
            let asset = camera.asset.map { " (\($0))" } ?? ""
            return ["id": camera.id, "label": camera.id + asset, "isChosen": camera.id == typed?.camera]
        }
        return tools.web.page(
            "test-detection", all, title: tools.web.texts(context.language)["setup", "title-test"],
            section: "connectors", scripts: ["test-detection.js"], status: status, request, context)
    }
}
