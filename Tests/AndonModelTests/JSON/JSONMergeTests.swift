import AndonTesting
import Testing

@testable import AndonModel

@Suite("Documents that several people change")
struct JSONMergeTests {
    private static let base: JSON = [
        "classes": ["scratch": ["minSeverity": 0.4], "dent": [:]], "shifts": [["name": "day"], ["name": "night"]],
    ]

    @Test("A value is put where a pointer leads, and what is missing on the way is made")
    func setting() {
        let base = Self.base
        #expect(base.setting(0.6, at: "/classes/scratch/minSeverity")?["classes"]?["scratch"] == ["minSeverity": 0.6])
        #expect(base.setting(nil, at: "/classes/dent")?["classes"] == ["scratch": ["minSeverity": 0.4]])
        #expect(base.setting("x", at: "/a~1b/c~0d")?["a/b"] == ["c~d": "x"])
        #expect(base.setting(["name": "late"], at: "/shifts/-")?["shifts"]?.array?.count == 3)
        #expect(base.setting("early", at: "/shifts/0/name")?["shifts"]?[0] == ["name": "early"])
        #expect(base.setting(nil, at: "/shifts/0")?["shifts"] == [["name": "night"]])
        #expect(base.setting(nil, at: "/nothing/there") == base, "taking away what is not there changes nothing")
        #expect(base.setting(1, at: "") == 1)
    }

    @Test(
        "A pointer that leads nowhere is none",
        arguments: ["classes", "/shifts/7", "/shifts/x", "/shifts/-/name", "/classes/scratch/minSeverity/deeper"])
    func nowhere(_ pointer: String) {
        #expect(Self.base.setting(1, at: pointer) == nil)
    }

    @Test("Changes of different things go together, whoever made them")
    func together() {
        let mine: JSON = Self.base.setting(0.6, at: "/classes/scratch/minSeverity") ?? .null
        let theirs: JSON = Self.base.setting(["kind": "predictive"], at: "/classes/crack") ?? .null
        let merge = JSONMerge(base: Self.base, mine: mine, theirs: theirs)
        #expect(merge.clashes.isEmpty)
        let merged = merge.merged(keepsMine: false)
        #expect(merged.value(at: "/classes/scratch/minSeverity") == 0.6)
        #expect(merged.value(at: "/classes/crack/kind") == "predictive")
    }

    @Test("What both changed is a clash, and one of them counts; the same change twice is none")
    func clash() {
        let mine: JSON = Self.base.setting(0.6, at: "/classes/scratch/minSeverity") ?? .null
        let theirs: JSON = Self.base.setting(nil, at: "/classes/scratch") ?? .null
        let merge = JSONMerge(base: Self.base, mine: mine, theirs: theirs)
        #expect(
            merge.clashes == [.init(pointer: "/classes/scratch/minSeverity", base: 0.4, mine: 0.6, theirs: nil)])
        #expect(merge.merged(keepsMine: true)["classes"]?["scratch"] == ["minSeverity": 0.6])
        #expect(merge.merged(keepsMine: false) == theirs)
        #expect(JSONMerge(base: Self.base, mine: mine, theirs: mine).clashes.isEmpty)
    }

    @Test("On what nobody else changed, a merge is the change itself", arguments: 0..<300)
    func alone(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let (base, mine) = (random.json(), random.json())
        let merge = JSONMerge(base: base, mine: mine, theirs: base)
        #expect(merge.clashes.isEmpty && merge.merged(keepsMine: false) == mine, "seed \(seed)")
        #expect(JSONMerge(base: base, mine: base, theirs: mine).merged(keepsMine: true) == mine, "seed \(seed)")
    }
}
