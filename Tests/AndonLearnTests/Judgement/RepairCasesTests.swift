import AndonLedger
import AndonModel
import AndonSPC
import Testing

@testable import AndonLearn

@Suite("Repairs as they are judged")
struct RepairCasesTests {
    @Test("A return whose order was closed with another cause is none of the repair's own")
    func otherCause() async throws {
        func repair(_ asset: String, _ cause: String?, ago: Double, after: Double? = nil) -> CourseBench.Repair {
            CourseBench.Repair(
                asset: asset, label: "dent", action: "CLEAN", cause: cause, endedAgo: ago, after: after)
        }
        // The second order of each asset is the one that the first came back with: seen a day before its end.
        let bench = try await CourseBench([
            repair("same", "WEAR", ago: 10, after: 3), repair("same", "WEAR", ago: 6),
            repair("other", "WEAR", ago: 10, after: 3), repair("other", "DIRT", ago: 6),
            repair("unsaid", "WEAR", ago: 10, after: 3), repair("unsaid", nil, ago: 6),
            repair("unsaid before", nil, ago: 10, after: 3), repair("unsaid before", "WEAR", ago: 6),
        ])
        let cases = try await CourseScan(bench.store).fold(
            RepairCases(CourseFilter(), try await CourseContext(bench.store))
        ).result.newest
        #expect(cases.count == 8)
        #expect(cases.filter(\.isOtherCause).map(\.asset) == ["other"])
        let came = try #require(cases.first { $0.isOtherCause })
        #expect(abs(came.life.time - 3) < 1e-6 && came.life.isEvent && !came.ownLife.isEvent)
        try bench.end()
    }
}
