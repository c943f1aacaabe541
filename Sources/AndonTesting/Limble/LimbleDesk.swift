import AndonModel
import Foundation

/// One request to the stand-in.
struct LimbleDesk {
    let setup: LimbleStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    private struct Fault: Error {
        var status: Int
        var message: String
    }

    func answer(_ books: inout LimbleStandIn.Books) -> StandInAnswer {
        let pair = Data("\(setup.clientID):\(setup.clientSecret)".utf8).base64EncodedString()
        guard request[header: "authorization"] == "Basic \(pair)" else { return json(403, ["message": "Forbidden"]) }
        do {
            return try route(&books)
        } catch let fault as Fault {
            return json(fault.status, ["message": .string(fault.message)])
        } catch {
            return json(500, ["message": .string("\(error)")])
        }
    }

    private func route(_ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        let path = request.path.split(separator: "/").map(String.init)
        switch (request.method, path.count, path.dropFirst().first) {
        case ("GET", 2, "priorities"):
            return json(
                200,
                .array(
                    setup.priorities.sorted { $0.value < $1.value }.enumerated().map {
                        [
                            "priorityID": .integer($0 + 900), "name": .string($1.key),
                            "priorityLevel": .integer($1.value),
                        ]
                    }))
        case ("GET", 2, "users"):
            let id = request.query["users"].flatMap { Int($0) } ?? 0
            return json(
                200,
                .array(
                    setup.users[id].map {
                        [["userID": .integer(id), "firstName": .string($0.first), "lastName": .string($0.last)]]
                    } ?? []))
        case ("GET", 2, "assets"): return assets()
        case ("GET", 2, "tasks"): return list(books)
        case ("POST", 2, "tasks"): return try create(&books)
        case ("GET", 3, "tasks") where path[2] == "labor": return try labour(books)
        case ("DELETE", 3, "tasks"):
            let id = try task(path[2], books)
            books.tasks[id]?.isDeleted = true
            return .answer(status: 200)
        case ("PATCH", 3, "tasks"): return try change(task(path[2], books), &books)
        case ("PUT", 5, "tasks") where path[2] == "instructions": return try instructionImage(path[3], &books)
        case (_, 4, "tasks"): return try part(of: path[2], path[3], &books)
        default: throw Fault(status: 501, message: "Not Implemented")
        }
    }

    private func task(_ text: String, _ books: LimbleStandIn.Books) throws -> Int {
        guard let id = Int(text), let task = books.tasks[id], !task.isDeleted else {
            throw Fault(status: 404, message: "Task not found")
        }
        return id
    }

    // MARK: Lists

    private func page(_ rows: [JSON]) -> StandInAnswer {
        let limit = request.query["limit"].flatMap { Int($0) } ?? 2
        let page = max(1, request.query["page"].flatMap { Int($0) } ?? 1)
        let shown = Array(rows.dropFirst((page - 1) * limit).prefix(limit))
        var headers = [("Last-Page", String(max(1, (rows.count + limit - 1) / limit)))]
        if page * limit < rows.count { headers.append(("Next-Page", String(page + 1))) }
        return json(200, .array(shown), headers: headers)
    }

    private func assets() -> StandInAnswer {
        let locations = Set((request.query["locations"] ?? "").split(separator: ",").compactMap { Int($0) })
        var all = setup.assets
        if setup.takesAnyAsset, let name = request.query["name"], all[name] == nil {
            all[name] = (9000, locations.min() ?? 73)
        }
        let pattern = (request.query["name"] ?? "%").lowercased()
        let rows = all.sorted { $0.value.id < $1.value.id }.filter { name, asset in
            let part = pattern.replacing("%", with: "")
            let matches =
                pattern.contains("%") ? part.isEmpty || name.lowercased().contains(part) : name.lowercased() == pattern
            return matches && (locations.isEmpty || locations.contains(asset.location))
        }
        return page(
            rows.map { ["assetID": .integer($1.id), "name": .string($0), "locationID": .integer($1.location)] })
    }

    private func list(_ books: LimbleStandIn.Books) -> StandInAnswer {
        let ids = request.query["tasks"].map { Set($0.split(separator: ",").compactMap { Int($0) }) }
        let start = request.query["start"].flatMap { Int($0) }
        let candidates = request.query["meta1"].map { books.byReference[$0] ?? [] } ?? books.tasks.keys.sorted()
        let rows = candidates.compactMap { id -> JSON? in
            guard let task = books.tasks[id], !task.isDeleted, ids?.contains(id) ?? true else { return nil }
            if let meta = request.query["meta2"], task.fields["meta2"]?.string != meta { return nil }
            if let start, (task.fields["lastEdited"]?.integer ?? 0) < start { return nil }
            return .object(task.fields)
        }
        return page(rows)
    }

    private func labour(_ books: LimbleStandIn.Books) throws -> StandInAnswer {
        let id = try task(request.query["tasks"] ?? "", books)
        return page(books.tasks[id]?.labour ?? [])
    }

    // MARK: Create

    private static let taken: Set<String> = [
        "name", "locationID", "due", "type", "description", "assetID", "priority", "assignment", "assignmentType",
        "templateID", "estimatedTime", "requestName", "requestEmail", "requestPhone", "requestDescription", "meta1",
        "meta2", "meta3",
    ]

    private func create(_ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        let body = try object()
        for name in body.keys where !Self.taken.contains(name) {
            throw Fault(status: 400, message: "\(name) is not allowed")
        }
        guard let name = body["name"]?.string, !name.isEmpty, name.count <= 255 else {
            throw Fault(status: 400, message: "name must be a string of 1 to 255 characters")
        }
        guard body["due"]?.integer != nil else { throw Fault(status: 400, message: "due must be a number") }
        guard let type = body["type"]?.integer, [1, 2, 4, 6].contains(type) else {
            throw Fault(status: 400, message: "type must be one of [1, 2, 4, 6]")
        }
        guard let location = body["locationID"]?.integer else {
            throw Fault(status: 400, message: "locationID is required")
        }
        guard setup.locations.contains(location) else { throw Fault(status: 404, message: "Location not found") }
        if let asset = body["assetID"]?.integer, asset != 0, !(setup.takesAnyAsset && asset == 9000) {
            guard setup.assets.values.contains(where: { $0.id == asset && $0.location == location }) else {
                throw Fault(status: 404, message: "Asset not found")
            }
        }
        if let priority = body["priority"] {
            guard let level = priority.integer, setup.priorities.values.contains(level) else {
                throw Fault(status: 422, message: "priority is not a priorityLevel of this account")
            }
        }
        for name in ["description", "meta1", "meta2", "meta3", "requestName"] where body[name] != nil {
            guard let text = body[name]?.string, text.count <= (name == "description" ? 65_535 : 255) else {
                throw Fault(status: 400, message: "\(name) must be a string that is not too long")
            }
        }
        let id = books.nextTask
        books.nextTask += 1
        let seconds = now.microseconds / 1_000_000
        let made: [String: JSON] = [
            "taskID": .integer(id), "status": 0, "statusID": 0, "dateCompleted": 0, "template": false,
            "createdDate": .integer(seconds), "lastEdited": .integer(seconds),
        ]
        books.tasks[id] = LimbleStandIn.Task(fields: body.merging(made) { $1 })
        if let reference = body["meta1"]?.string { books.byReference[reference, default: []].append(id) }
        return json(201, ["taskID": .integer(id)], headers: [("Location", "/v2/tasks/?tasks=\(id)")])
    }

    private func change(_ id: Int, _ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        let body = try object()
        for name in body.keys where !["due", "name", "description", "meta1", "meta2", "meta3"].contains(name) {
            throw Fault(status: 400, message: "\(name) is not allowed")
        }
        if let due = body["due"], due.integer.map({ $0 > 0 && $0 < 100_000_000_000 }) != true {
            throw Fault(status: 400, message: "due must be a number of seconds")
        }
        guard books.tasks[id]?.fields["status"] == 0 else {
            throw Fault(status: 422, message: "the task is completed")
        }
        books.tasks[id]?.fields.merge(body) { $1 }
        books.tasks[id]?.fields["lastEdited"] = .integer(now.microseconds / 1_000_000)
        return .answer(status: 200)
    }

    // MARK: What belongs to a task

    private func part(of text: String, _ name: String, _ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        let id = try task(text, books)
        switch (request.method, name) {
        case ("PUT", "image"):
            books.tasks[id]?.mainImage = try image().bytes
            return .answer(status: 200)
        case ("PUT", "tags"): return try tag(id, &books)
        case ("GET", "instructions"):
            return json(200, .array((books.tasks[id]?.instructions ?? []).map(Self.view)))
        case ("POST", "instructions"): return try addInstruction(id, &books)
        case ("GET", "comments"):
            return json(200, .array((books.tasks[id]?.comments ?? []).map { ["comment": .string($0)] }))
        case ("POST", "comments"):
            let body = try object()
            guard let comment = body["comment"]?.string else {
                throw Fault(status: 400, message: "comment is required")
            }
            guard body["showExternalUsers"] == false else {
                throw Fault(status: 400, message: "this plant's test wants no comment shown outside")
            }
            books.tasks[id]?.comments.append(comment)
            books.tasks[id]?.fields["lastEdited"] = .integer(now.microseconds / 1_000_000)
            return json(201, ["commentID": 1])
        case ("GET", "parts"): return json(200, .array(books.tasks[id]?.parts ?? []))
        default: throw Fault(status: 501, message: "Not Implemented")
        }
    }

    private static func view(_ instruction: LimbleStandIn.Instruction) -> JSON {
        let files = instruction.files.map { file -> JSON in
            ["fileName": .string(file.name), "link": .string("https://files.limble.test/\(file.name)")]
        }
        return .object(
            instruction.fields.merging(["instructionID": .integer(instruction.id), "instructionFiles": .array(files)]) {
                $1
            })
    }

    private func tag(_ id: Int, _ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        for tag in try object()["tags"]?.array ?? [] {
            guard let name = tag.string, setup.tags.contains(where: { $0.lowercased() == name.lowercased() }) else {
                return json(
                    404, ["message": "Tag not found", "availableTags": .array(setup.tags.sorted().map { .string($0) })])
            }
            guard books.tasks[id]?.tags.contains(name) == false else {
                throw Fault(status: 409, message: "Tag already on task")
            }
            books.tasks[id]?.tags.append(name)
        }
        return json(200, ["created": true])
    }

    private func addInstruction(_ id: Int, _ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        let body = try object()
        guard body["parentInstructionID"]?.integer != nil, body["type"]?.integer != nil,
            body["instruction"]?.string != nil
        else {
            throw Fault(status: 400, message: "type, instruction and parentInstructionID are required")
        }
        let number = books.nextInstruction
        books.nextInstruction += 1
        books.tasks[id]?.instructions.append(LimbleStandIn.Instruction(id: number, fields: body))
        return json(201, ["instructionID": .integer(number)])
    }

    private func instructionImage(_ text: String, _ books: inout LimbleStandIn.Books) throws -> StandInAnswer {
        guard let number = Int(text),
            let owner = books.tasks.first(where: { $0.value.instructions.contains { $0.id == number } })?.key,
            let at = books.tasks[owner]?.instructions.firstIndex(where: { $0.id == number })
        else { throw Fault(status: 404, message: "Instruction not found") }
        let file = try image()
        let name = "\(165_040_874_634_324 + number)-\(file.name)"
        books.tasks[owner]?.instructions[at].files.append((name, file.bytes))
        return json(200, ["filename": .string(name)])
    }

    private func image() throws -> FormFile {
        guard let file = FormFile(request), file.field == "image" else {
            throw Fault(status: 400, message: "multipart/form-data with a file in the field image is needed")
        }
        guard ["image/jpeg", "image/png", "image/gif"].contains(file.mediaType), file.bytes.count <= 50_000_000 else {
            throw Fault(status: 422, message: "JPEG, PNG or GIF of at most 50 MB")
        }
        return file
    }

    // MARK: Forms

    private func object() throws -> [String: JSON] {
        guard request[header: "content-type"]?.hasPrefix("application/json") == true,
            let object = try? JSON(parsing: request.body).object
        else { throw Fault(status: 400, message: "malformed JSON") }
        return object
    }

    private func json(_ status: Int, _ body: JSON, headers: [(String, String)] = []) -> StandInAnswer {
        .answer(
            status: status, headers: headers + [("content-type", "application/json")], body: body.canonicalBytes)
    }
}
