import AndonModel
import Foundation
import Testing

@testable import AndonSimulation

/// What the simulation has found, as small as it could be made: each broke an invariant before it was mended.
@Suite("What was found by simulation stays mended")
struct FoundTests {
    private func run(_ seed: UInt64, _ incidents: [(Double, Plan.Event)]) throws -> Run {
        try run(seed, incidents.map { Plan.Incident(at: .seconds($0), what: $1) })
    }

    private func run(_ seed: UInt64, _ incidents: [Plan.Incident]) throws -> Run {
        let place = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let simulation = try Simulation(folder: "\(place)/andon-found-\(UUID().uuidString)")
        return try simulation.run(
            Plan(seed: seed, incidents: incidents), isTraced: true)
    }

    /// A seed's plan as it was found, before there were people in the CMMS, and a database that leaves.
    private func line(_ seed: UInt64) -> [Plan.Incident] {
        Plan(seed: seed).incidents.filter { !$0.what.isWork && !$0.what.isOfFollowing && !$0.what.isOfDatabase }
    }

    private func report(_ number: Int, _ defects: [String] = ["scratch"]) -> Plan.Event {
        .report(Plan.Report(number: number, asset: "PRESS-07", defects: defects, confidence: 0.9, hasPicture: false))
    }

    private func powerCut() -> Plan.Event {
        .death(Plan.Death(kind: .powerCut, call: nil, isBehind: false, downFor: .seconds(1)))
    }

    @Test(
        "A power cut takes nothing that was answered, also before the log was ever folded",
        arguments: 1...10 as ClosedRange<UInt64>)
    func powerCutBehindAnAnswer(seed: UInt64) throws {
        let run = try run(seed, [(3, report(1)), (3.5, powerCut())])
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test(
        "A clock that is set forward does not shorten the pause between two searches",
        arguments: 1...3 as ClosedRange<UInt64>)
    func clockForwardBetweenSearches(seed: UInt64) throws {
        let run = try run(
            seed,
            [
                (1, .exchange(.lostBehind, of: .write)), (1, .slowIndex(lag: .seconds(10), lasting: .seconds(60))),
                (2, report(1)), (7, .clockJump(.seconds(1143))),
            ])
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test(
        "A clock that is set forward does not shorten what the CMMS asked for", arguments: 1...3 as ClosedRange<UInt64>)
    func clockForwardWhileItIsBusy(seed: UInt64) throws {
        let run = try run(
            seed,
            [(1, .exchange(.busy(after: .seconds(16)), of: .write)), (2, report(1)), (7, .clockJump(.seconds(2232)))])
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test(
        "A CMMS that asks for time is not asked meanwhile what has become of orders",
        arguments: 1...3 as ClosedRange<UInt64>)
    func pollWhileItIsBusy(seed: UInt64) throws {
        let run = try run(
            seed,
            [
                (2, report(1)), (8, .exchange(.busy(after: .seconds(25)), of: .follow)),
                (12, .work(Plan.Work(kind: .done, place: 0))),
            ])
        #expect(run.broken == nil, "\(run.story)")
        #expect(run.landmarks.isSuperset(of: [.pollFailed, .repaired]))
    }

    @Test(
        "A note that waits for an order which is raised again does not stand in its way",
        arguments: [1, 3, 5] as [UInt64])
    func noteBeforeAnOrderThatIsRaisedAgain(seed: UInt64) throws {
        let run = try run(
            seed,
            [
                (22, report(1)), (100, .outage(.refused, lasting: .seconds(27))), (103, report(2)),
                (108, .work(Plan.Work(kind: .deleted, place: 0))),
            ])
        #expect(run.broken == nil, "\(run.story)")
        #expect(run.landmarks.isSuperset(of: [.grouped, .raisedAgain, .noted]))
    }

    @Test(
        "What joined an order before its name in the CMMS was known is told when it is opened again there",
        arguments: [2, 4, 5038] as [UInt64])
    func joinedAnOrderThatIsOpenedAgain(seed: UInt64) throws {
        let run = try run(
            seed,
            [
                (5, .outage(.garbage(isDone: true), lasting: .seconds(25))), (23, report(1)),
                (37, .exchange(.lostBehind, of: .follow)), (39, .work(Plan.Work(kind: .done, place: 0))),
                (46, report(2)), (53, .work(Plan.Work(kind: .reopened, place: 0))),
            ])
        #expect(run.broken == nil, "\(run.story)")
        #expect(run.landmarks.isSuperset(of: [.adopted, .grouped, .reopened, .noted]))
    }

    @Test(
        "A search that a death cuts short says nothing: two that end, with their pause between them, come before a second order",
        arguments: 1...10 as ClosedRange<UInt64>)
    func deathWhileSearching(seed: UInt64) throws {
        let kill = Plan.Death(kind: .kill, call: nil, isBehind: false, downFor: .seconds(1))
        let run = try run(
            seed,
            [
                (1, .exchange(.lostBehind, of: .write)), (1, .slowIndex(lag: .seconds(12), lasting: .seconds(60))),
                (2, report(1)), (2.25, .death(kill)),
            ])
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test(
        "A sync that failed leaves no hole in the log, at which a later power cut would end it",
        arguments: 1...20 as ClosedRange<UInt64>)
    func powerCutBehindAFailedSync(seed: UInt64) throws {
        let run = try run(seed, [(2, .syncFails(atCall: 1)), (5.1, report(1)), (5.7, powerCut())])
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test("Nor does it when the log was folded in between: the whole plan of the seed that found it")
    func powerCutBehindAFold() throws {
        let run = try run(30, line(30))
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test("Nor is it folded by a start that fails before it was written again, on a full disk, ahead of a power cut")
    func powerCutBehindStartsThatFail() throws {
        let run = try run(6724, line(6724))
        #expect(run.broken == nil, "\(run.story)")
    }

    @Test(
        "A note that was refused, and that a person sends again after a newer one told the same, is not there twice",
        arguments: [2947, 4231] as [UInt64])
    func refusedNoteSentAgain(seed: UInt64) throws {
        let run = try run(seed, line(seed))
        #expect(run.broken == nil, "\(run.story)")
    }
}
