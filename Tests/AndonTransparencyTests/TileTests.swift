import AndonTransparency
import Testing

@Suite("Tiles of C2SP")
struct TileTests {
    @Test(
        "Paths are those of the specification, both ways",
        arguments: [
            (Tile(.hashes(level: 0), index: 0), "tile/0/000"),
            (Tile(.hashes(level: 1), index: 1000), "tile/1/x001/000"),
            (Tile(.entries, index: 1_234_067), "tile/entries/x001/x234/067"),
            (Tile(.hashes(level: 2), index: 0, width: 1), "tile/2/000.p/1"),
            (Tile(.entries, index: 273, width: 112), "tile/entries/273.p/112"),
        ])
    func paths(tile: Tile, path: String) {
        #expect(tile.path == path)
        #expect(Tile(path: path) == tile)
    }

    @Test(
        "Other paths are no tiles",
        arguments: [
            "", "tile", "tile/0", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/0/x000",
            "tile/0/001/000", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000/",
            "tile/0/x001/000.p/", "tile/entries/..", "tile/entries/x0a1/000", "tile/0/%30%30%30", "/tile/0/000",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ])
    func noPaths(path: String) {
        #expect(Tile(path: path) == nil)
    }

    @Test("A log has the tiles that the specification counts")
    func counts() {
        let tiles = Tile.all(size: 70_000)
        func count(_ kind: Tile.Kind) -> (full: Int, partial: [Int]) {
            let of = tiles.filter { $0.kind == kind }
            return (of.filter { $0.width == 256 }.count, of.filter { $0.width < 256 }.map(\.width))
        }
        #expect(count(.entries) == (273, [112]))
        #expect(count(.hashes(level: 0)) == (273, [112]))
        #expect(count(.hashes(level: 1)) == (1, [17]))
        #expect(count(.hashes(level: 2)) == (0, [1]))
        #expect(tiles.count == 274 * 2 + 2 + 1)
        #expect(Tile.all(size: 256).map(\.path) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
        #expect(Tile.all(size: 0).isEmpty)
        #expect(tiles.allSatisfy { $0.isIn(treeOf: 70_000) && Tile(path: $0.path) == $0 })
        #expect(!Tile(.hashes(level: 0), index: 273).isIn(treeOf: 70_000))
        #expect(!Tile(.hashes(level: 0), index: 273, width: 113).isIn(treeOf: 70_000))
        #expect(!Tile(.hashes(level: 7), index: .max / 2).isIn(treeOf: .max))
    }

    @Test("Entries stand behind their lengths")
    func bundles() throws {
        let entries = [Array(#"{"a":1}"#.utf8), Array(#"{"b":2}"#.utf8)]
        let bundle = try EntryBundle.bytes(entries)
        #expect(hex(bundle) == "00077b2261223a317d00077b2262223a327d")
        #expect(try EntryBundle.entries(bundle) == entries)
        let long = [[UInt8](repeating: 7, count: 65_535), []]
        #expect(try EntryBundle.entries(EntryBundle.bytes(long)) == long)
        #expect(throws: TransparencyError.self) { try EntryBundle.bytes([[UInt8](repeating: 7, count: 65_536)]) }
        for cut in 1..<bundle.count where cut != 9 {
            #expect(throws: TransparencyError.self) { try EntryBundle.entries(Array(bundle.prefix(cut))) }
        }
    }
}
