import AndonLedger
import AndonModel

/// What is kept of one source beside its reports.
struct SourceJournal: Sendable {
    let store: Store
    let source: String

    func cursor() async throws -> SourceCursor? {
        try await store.read { [source] in try $0.sourceCursor(of: source) }
    }

    func put(_ cursor: SourceCursor) async throws {
        try await store.write { [source] in try $0.put(cursor, of: source) }
    }

    func record(_ gap: SourceGap) async throws {
        try await store.write { [source] in try $0.record(gap, of: source) }
    }

    func keep(_ refusal: SourceRefusal) async throws {
        try await store.write { [source] in try $0.keep(refusal, of: source) }
    }

    func forget(_ event: String) async throws {
        try await store.write { [source] in try $0.forgetRefusal(event, of: source) }
    }

    func refusals() async throws -> [SourceRefusal] {
        try await store.read { [source] in try $0.sourceRefusals(of: source) }
    }

    func isRefused(_ event: String) async throws -> Bool {
        try await store.read { [source] in try $0.isRefused(event, of: source) }
    }

    func gaps() async throws -> Int {
        try await store.read { [source] in try $0.sourceGapCount(of: source) }
    }

    func scene() async throws -> CameraScene? {
        try await store.read { [source] in try $0.cameraScene(of: source) }
    }

    func put(_ scene: CameraScene) async throws {
        try await store.write { [source] in try $0.put(scene, of: source) }
    }

    func forgetScene(by person: String, reason: String) async throws {
        try await store.write { [source] in try $0.forgetCameraScene(of: source, by: person, reason: reason) }
    }

    /// An alarm that a person sees, for as long as what it says lasts.
    func alarm(_ kind: String, _ detail: String?) async throws {
        try await store.write { [source] transaction in
            if let detail {
                try transaction.alarm(kind, subject: "source/\(source)", detail)
            } else {
                try transaction.clearAlarm(kind, subject: "source/\(source)")
            }
        }
    }
}
