import Testing
import UACodec

@testable import UAServer

@Suite("Index ranges")
struct IndexRangeTests {
    @Test(
        "Text that is no range is refused",
        arguments: [
            "", " ", "a", "-1", "1:", ":1", "2:2", "3:2", "1:2:3", "1,", ",1", "1, 2", "+1", "4294967296", "0x1",
            "1,2,3,4,5,6,7,8,9", "١",
        ])
    func malformed(text: String) { #expect(IndexRange(text) == nil) }

    @Test("One number is one position, two are all from the first to the second")
    func ends() {
        #expect(IndexRange("7")?.dimensions == [7...7])
        #expect(IndexRange("0:4294967295,3")?.dimensions == [0...4_294_967_295, 3...3])
    }

    @Test("Parts of Strings are characters, parts of ByteStrings bytes, and a scalar has none")
    func scalars() throws {
        let range = try #require(IndexRange("1:2"))
        #expect(range.select(from: Variant("a水Boy")) == Variant("水B"))
        #expect(range.select(from: Variant("a")) == nil)
        #expect(range.select(from: Variant(ByteString([1, 2, 3, 4]))) == Variant(ByteString([2, 3])))
        #expect(range.select(from: Variant(Int32(7))) == nil)
        #expect(range.select(from: .null) == nil)
        #expect(range.select(from: Variant(nil as String?)) == nil)
    }

    @Test("One dimension more names parts of an array's Strings")
    func stringsInside() throws {
        let range = try #require(IndexRange("1:2,0:1"))
        #expect(range.select(from: Variant(["abc", "defg", "h"] as [String?])) == Variant(["de", "h"] as [String?]))
        #expect(range.select(from: Variant([1, 2, 3] as [Int32])) == nil)
    }

    @Test("What is selected, and what is replaced, is what counting positions one by one gives", arguments: 1...60)
    func model(seed: UInt64) throws {
        var random = SpaceRandom(seed: seed)
        let sizes = (0..<random.int(1...4)).map { _ in random.int(1...4) }
        let count = sizes.reduce(1, *)
        let values = (0..<count).map { Int32($0) }
        let whole: Variant =
            sizes.count == 1
            ? Variant(values) : .matrix(Int32.elements(values), dimensions: sizes.map { Int32($0) })
        let ends = sizes.map { size in
            let first = random.int(0...size)
            return first...(first + random.int(0...2))
        }
        let text = ends.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }
            .joined(separator: ",")
        let range = try #require(IndexRange(text), "\(text)")

        let inside = values.filter { value in
            var rest = Int(value)
            var position: [Int] = []
            for size in sizes.reversed() {
                position.insert(rest % size, at: 0)
                rest /= size
            }
            return zip(ends, position).allSatisfy { $0.contains($1) }
        }
        let selected = range.select(from: whole)
        #expect(selected?.values(of: Int32.self) ?? [] == inside, "seed \(seed): \(text) of \(sizes)")

        let fits = zip(ends, sizes).allSatisfy { $0.upperBound < $1 }
        let new = inside.map { -1 - $0 }
        let changed = range.replace(in: whole, by: Variant(new))
        #expect((changed != nil) == fits, "seed \(seed): \(text) of \(sizes)")
        if let changed {
            let expected = values.map { inside.contains($0) ? -1 - $0 : $0 }
            #expect(changed.values(of: Int32.self) == expected)
            #expect(range.select(from: changed)?.values(of: Int32.self) == new)
        }
    }
}
