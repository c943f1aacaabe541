import AndonDraw
import AndonModel

/// Reads `plant.floorPlans`, and what zones and cameras say of their place on them.
final class FloorPlanReader {
    /// Corners of a zone.
    static let cornersMax = 200

    private enum Units: String, CaseIterable {
        /// Of the SVG's viewBox, or pixels of the PNG or JPEG.
        case plan
        /// 0...1 of the plan's width and height.
        case shares
    }

    private struct Sheet {
        /// In which places are written.
        var frame: FloorPlan.Frame
    }

    /// Stands before the name of a plan that was uploaded, where its bytes are asked for.
    static let uploadMark = "uploaded:"

    private let faults: SettingsFaults
    private let secrets: SecretSource
    private let bytes: (String, Int) -> Result<[UInt8], TextFile.Refusal>
    private var sheets: [String: Sheet] = [:]
    /// Names with a fault of their own: what refers to them has none beside it.
    private var broken: Set<String> = []
    /// Plans that came later than the file's: a zone that names no plan is on none of them.
    private var added: Set<String> = []

    init(
        faults: SettingsFaults, secrets: SecretSource,
        bytes: @escaping (String, Int) -> Result<[UInt8], TextFile.Refusal>
    ) {
        self.faults = faults
        self.secrets = secrets
        self.bytes = bytes
    }

    func read(_ plant: SettingsReader) -> [String: PlanFile] {
        var files: [String: PlanFile] = [:]
        for (name, node) in plant.named("floorPlans") {
            let reader = SettingsReader(node, faults: faults, secrets: secrets)
            let units = reader.choice("units", default: Units.plan)
            let (written, uploaded) = (reader.raw("file"), reader.raw("uploaded"))
            let frame = frame(reader)
            if let node = written ?? uploaded, let path = reader.text(of: node) {
                let file = file(written == nil ? Self.uploadMark + path : path, at: node)
                files[name] = file.map { PlanFile(bytes: $0.bytes) }
                let shares = FloorPlan.Frame(left: 0, top: 0, width: 1, height: 1)
                sheets[name] = file.map { Sheet(frame: units == .shares ? shares : frame ?? $0.frame) }
            } else if written == nil, uploaded == nil {
                reader.missing("file")
            }
            if files[name] == nil { broken.insert(name) }
            // One that took the place of the file's own has the frame of that.
            if written == nil, frame == nil { added.insert(name) }
            reader.finish()
        }
        return files
    }

    /// In which places on the plan are written, where they are not the picture's own: a plan whose picture was replaced
    /// keeps its places.
    private func frame(_ reader: SettingsReader) -> FloorPlan.Frame? {
        guard let node = reader.raw("frame"), let sides = numbers(node, 4, "[left, top, width, height]") else {
            return nil
        }
        guard sides[2] > 0, sides[3] > 0 else {
            faults.add("the width and the height of a frame are above 0", at: node)
            return nil
        }
        return FloorPlan.Frame(left: sides[0], top: sides[1], width: sides[2], height: sides[3])
    }

    /// A plan that can be drawn.
    private func file(_ path: String, at node: Settings) -> FloorPlan? {
        let title = path.hasPrefix(Self.uploadMark) ? String(path.dropFirst(Self.uploadMark.count)) : path
        switch bytes(path, FloorPlan.bytesMax) {
        case .failure(let refusal):
            faults.add("the file \(title) \(refusal.reason)", at: node)
            return nil
        case .success(let content):
            do throws(DrawError) {
                let plan = try FloorPlan(content)
                try plan.tryOut()
                return plan
            } catch {
                let reason = if case .picture(let words) = error { words } else { "cannot be drawn: \(error)" }
                faults.add("the file \(title) \(reason)", at: node)
                return nil
            }
        }
    }

    // MARK: Places

    /// The outline of a zone: `plan`, and `corners` or `box`.
    func outline(_ zone: SettingsReader) -> ZoneOutline? {
        let written = (corners: zone.raw("corners"), box: zone.raw("box"), plan: zone.raw("plan"))
        guard let shape = written.corners ?? written.box else {
            if let plan = written.plan {
                faults.add("is named, and no place on it; give corners or a box as well", at: plan)
            }
            return nil
        }
        if written.corners != nil, let box = written.box {
            faults.add("a zone has either corners or a box; keep one", at: box)
            return nil
        }
        guard let name = plan(written.plan, zone, for: shape), let sheet = sheets[name] else { return nil }
        guard let corners = written.corners != nil ? corners(shape) : box(shape) else { return nil }
        var points: [PlanPoint] = []
        for (pair, node) in corners {
            if let point = place(pair, on: sheet, name, at: node) {
                points.append(point)
            } else if written.corners == nil {
                // All corners of a box stand in one place of the file: one of them is enough to name it.
                break
            }
        }
        guard points.count == corners.count else { return nil }
        let outline = ZoneOutline(plan: name, corners: points)
        if let (first, second) = outline.crossing {
            faults.add("the outline meets itself: edge \(first) and edge \(second) cross or touch", at: shape)
        } else if outline.area < 1e-6 {
            faults.add("the outline encloses nothing that could be seen on the floor plan", at: shape)
        }
        return outline
    }

    /// Where a camera hangs: `at`, on the plan of its zone.
    func position(_ camera: SettingsReader, zone: Zone?) -> PlanPoint? {
        guard let node = camera.raw("at") else { return nil }
        guard let name = zone?.outline?.plan, let sheet = sheets[name] else {
            if broken.isEmpty {
                faults.add("a camera stands on the floor plan of its zone: give the zone corners or a box", at: node)
            }
            return nil
        }
        guard let pair = numbers(node, 2, "[x, y]") else { return nil }
        return place(pair, on: sheet, name, at: node)
    }

    private func plan(_ node: Settings?, _ zone: SettingsReader, for shape: Settings) -> String? {
        var names = (Array(sheets.keys) + broken).sorted()
        if node == nil, names.contains(where: { !added.contains($0) }) { names.removeAll { added.contains($0) } }
        if let node {
            guard let name = zone.text(of: node) else { return nil }
            guard names.contains(name) else {
                faults.add("should be one of the floor plans \(allowed(names)); found \(node.kindName)", at: node)
                return nil
            }
            return name
        }
        if names.isEmpty {
            faults.add("there is no floor plan to place it on; name one in plant.floorPlans", at: shape)
        } else if names.count > 1 {
            faults.add("there are several floor plans; say with plan which one: \(allowed(names))", at: shape)
        }
        return names.count == 1 ? names.first : nil
    }

    private func corners(_ node: Settings) -> [([Double], Settings)]? {
        guard case .list(let elements) = node.value else {
            faults.add("should be a list of corners like [[0, 0], [40, 0], [40, 30]], found \(node.kindName)", at: node)
            return nil
        }
        guard (3...Self.cornersMax).contains(elements.count) else {
            faults.add("a zone has 3 to \(Self.cornersMax) corners, found \(elements.count)", at: node)
            return nil
        }
        let found = elements.compactMap { element in numbers(element, 2, "[x, y]").map { ($0, element) } }
        return found.count == elements.count ? found : nil
    }

    private func box(_ node: Settings) -> [([Double], Settings)]? {
        guard let sides = numbers(node, 4, "[left, top, width, height]") else { return nil }
        guard sides[2] > 0, sides[3] > 0 else {
            faults.add("the width and the height of a box are above 0", at: node)
            return nil
        }
        let (left, top, right, bottom) = (sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3])
        return [[left, top], [right, top], [right, bottom], [left, bottom]].map { ($0, node) }
    }

    private func numbers(_ node: Settings, _ count: Int, _ form: String) -> [Double]? {
        let found: [Double] =
            if case .list(let elements) = node.value {
                elements.compactMap { element in
                    guard case .scalar(let text, false) = element.value else { return nil }
                    return Double(text).flatMap { $0.isFinite ? $0 : nil }
                }
            } else {
                []
            }
        guard case .list(let elements) = node.value, elements.count == count, found.count == count else {
            faults.add("should be \(count) numbers, \(form); found \(node.kindName)", at: node)
            return nil
        }
        return found
    }

    private func place(_ pair: [Double], on sheet: Sheet, _ name: String, at node: Settings) -> PlanPoint? {
        let frame = sheet.frame
        let point = PlanPoint(x: (pair[0] - frame.left) / frame.width, y: (pair[1] - frame.top) / frame.height)
        // What rounding alone puts outside is inside.
        guard (-1e-9...1 + 1e-9).contains(point.x), (-1e-9...1 + 1e-9).contains(point.y) else {
            let reach = [frame.left, frame.top, frame.left + frame.width, frame.top + frame.height].map(Self.text)
            faults.add(
                "lies outside the floor plan \(name), which reaches from \(reach[0]), \(reach[1]) to \(reach[2]), "
                    + "\(reach[3]); found \(Self.text(pair[0])), \(Self.text(pair[1]))", at: node)
            return nil
        }
        return PlanPoint(x: min(max(point.x, 0), 1), y: min(max(point.y, 0), 1))
    }

    private static func text(_ number: Double) -> String { JSON.ecmaScriptText(of: number) }
}
