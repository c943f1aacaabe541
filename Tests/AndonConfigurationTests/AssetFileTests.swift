import AndonConfiguration
import AndonModel
import Foundation
import Testing

@Suite("The asset file")
struct AssetFileTests {
    func load(_ csv: String, yaml: String = "") throws(ConfigurationError) -> Plant {
        try Configuration.load(
            yaml: "plant:\n  name: P\n  assetsFile: assets.csv\n" + yaml, secrets: .none,
            files: { $0 == "assets.csv" ? csv : nil }
        ).plant
    }

    @Test("Quotes, commas, line ends of all kinds, empty cells and a byte order mark")
    func quoting() throws {
        let plant = try load(
            "\u{FEFF}id,name,type,criticality\r\nA1,\"Press, \"\"big\"\"\",press,A\r\n\r\n"
                + "A2,\"two\nlines\",,\nA3, spaced ,mill,C"
        )
        #expect(plant.assets.count == 3)
        #expect(plant.assets["A1"] == Asset(id: "A1", name: "Press, \"big\"", type: "press", criticality: "A"))
        #expect(plant.assets["A2"] == Asset(id: "A2", name: "two\nlines"))
        #expect(plant.assets["A3"]?.name == "spaced")
    }

    @Test("The list and the file together are the registry")
    func both() throws {
        let plant = try load("id,parent\nA2,A1\n", yaml: "  assets: [{ id: A1, location: L1 }]\n")
        #expect(plant.assets["A2"]?.parent == "A1")
        let error = #expect(throws: ConfigurationError.self) {
            _ = try load("id\nA1\n", yaml: "  assets: [{ id: A1 }]\n")
        }
        #expect(
            error?.description == "assets.csv:2:1: assets[0].id: there is an asset with the id A1 already; keep one")
    }

    @Test(
        "Each mistake has the file's own line",
        arguments: [
            (
                "",
                "assets.csv:1:1: is empty; its first row should be id,name,type,group,criticality,"
                    + "line,station,location,grid,parent,connector,site"
            ),
            ("name\nx\n", "assets.csv:1:1: the first row should name the columns, and \"id\" among them"),
            ("id,id\n", "assets.csv:1:4: the column id stands here a second time"),
            (
                "id\tname\nA1\tx\n",
                "assets.csv:1:1: \"id\tname\" is not a column; known are id, name, type, group,"
                    + " criticality, line, station, location, grid, parent, connector, site\n"
                    + "assets.csv:1:1: the first row should name the columns, and \"id\" among them"
            ),
            ("id,name\nA1\n", "assets.csv:2:1: has 1 cells where the first row has 2"),
            ("id,name\nA1,\"open\nA2,b\n", "assets.csv:2:4: the quote that opens here is never closed"),
            ("id,name\nA1,a\"b\n", "assets.csv:2:5: a quote inside a cell needs the whole cell in quotes"),
            ("id,name\nA1,\"a\"b\n", "assets.csv:2:7: a cell in quotes should end at its closing quote"),
            (
                "id,criticality\nA1,\"A\"\nA2,Z\n",
                "assets.csv:3:4: assets[1].criticality: should be one of A, B, C; found \"Z\""
            ),
            ("id,name\n,x\n", "assets.csv:2:1: assets[0]: the option \"id\" is required here"),
            (
                "id,parent\nA1,A9\n",
                "assets.csv:2:4: assets[0].parent: should be the id of an asset in the plant; found \"A9\""
            ),
        ])
    func faults(_ csv: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { _ = try load(csv) }
        #expect(error?.description == message)
    }

    @Test("The file lies beside the configuration")
    func beside() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "plant: { name: P, assetsFile: assets.csv }\n".write(
            to: folder.appendingPathComponent("plant.yaml"), atomically: true, encoding: .utf8)
        try "id\nA1\n".write(to: folder.appendingPathComponent("assets.csv"), atomically: true, encoding: .utf8)
        let found = try Configuration.load(path: folder.appendingPathComponent("plant.yaml").path, secrets: .none)
        #expect(found.plant.assets.keys.sorted() == ["A1"])
    }

    @Test("Fifty thousand assets load, and a circle among them is found")
    func many() throws {
        let rows = (0..<50_000).map { "A\($0),A\(($0 + 1) % 50_000)" }.joined(separator: "\n")
        let error = #expect(throws: ConfigurationError.self) { _ = try load("id,parent\n" + rows) }
        #expect(error?.faults.count == 50_000)
        #expect(try load("id,parent\n" + rows.replacing("A49999,A0", with: "A49999,")).assets.count == 50_000)
    }
}
