import AndonModel
import Foundation
import Synchronization

/// A Limble for tests: API V2 as the vendor's reference has it, in memory. It takes a task twice when it is sent
/// twice.
public final class LimbleStandIn: StandIn {
    public static let type = "limble"

    public struct Task: Sendable {
        public var fields: [String: JSON]
        public var mainImage: [UInt8]?
        public var instructions: [Instruction] = []
        public var comments: [String] = []
        public var tags: [String] = []
        public var labour: [JSON] = []
        public var parts: [JSON] = []
        public var isDeleted = false
    }

    public struct Instruction: Sendable {
        public var id: Int
        public var fields: [String: JSON]
        public var files: [(name: String, bytes: [UInt8])] = []

        public init(id: Int, fields: [String: JSON]) {
            self.id = id
            self.fields = fields
        }
    }

    public struct Setup: Sendable {
        public var clientID = "client"
        public var clientSecret = "test-key"
        public var locations: Set<Int> = [73, 74]
        /// Name -> (assetID, locationID).
        public var assets: [String: (id: Int, location: Int)] = ["PRESS-07": (1007, 73)]
        public var takesAnyAsset = false
        /// Name -> level.
        public var priorities = ["Critical": 5, "High": 4, "Normal": 2]
        public var tags: Set<String> = ["@AI Vision"]
        public var users: [Int: (first: String, last: String)] = [12: ("R.", "Wilson")]

        public init() {}
    }

    struct Books {
        var tasks: [Int: Task] = [:]
        var byReference: [String: [Int]] = [:]
        var nextTask = 14_730
        var nextInstruction = 500
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    // MARK: What a test looks at, and what a technician does

    public func tasks(_ reference: Reference) -> [Task] {
        books.withLock { books in
            (books.byReference[reference.text] ?? []).compactMap { books.tasks[$0] }.filter { !$0.isDeleted }
        }
    }

    public func change(_ reference: Reference, _ body: (inout Task) -> Void) {
        books.withLock { books in
            guard let id = books.byReference[reference.text]?.first, var task = books.tasks[id] else { return }
            body(&task)
            task.fields["lastEdited"] = .integer(time.now().microseconds / 1_000_000)
            books.tasks[id] = task
        }
    }

    // MARK: Requests

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in LimbleDesk(setup: setup, now: time.now(), request: request).answer(&books) }
        }
    }
}
