import AndonModel
import Testing

@Suite("Settings reader")
struct SettingsReaderTests {
    private static let secrets = SecretSource(
        environment: { ["TOKEN": "s3cret", "EMPTY": ""][$0] }, file: { ["/run/key": "from file\n"][$0] })

    private static func scalar(_ text: String, quoted: Bool = false, _ path: String = "x") -> Settings {
        Settings(.scalar(text, quoted: quoted), line: 2, column: 3, path: path)
    }

    private static func map(_ members: [(String, Settings)]) -> Settings {
        let entries = members.enumerated().map { index, member in
            Settings.Entry(key: member.0, keyLine: index + 1, keyColumn: 1, value: member.1)
        }
        return Settings(.map(entries), line: 1, column: 1, path: "")
    }

    /// The reader of a section, the value that `read` takes from it, and the faults that were noted.
    private static func read<Value>(
        _ members: [(String, Settings)], _ read: (SettingsReader) -> Value
    ) -> (value: Value, faults: [String]) {
        let faults = SettingsFaults()
        let value = read(SettingsReader(map(members), faults: faults, secrets: secrets))
        return (value, faults.faults.map(\.message))
    }

    @Test("A value of the right kind is read without a fault")
    func right() {
        let members = [
            ("text", Self.scalar("a")), ("bool", Self.scalar("true")), ("number", Self.scalar("0.5")),
            ("integer", Self.scalar("7")), ("duration", Self.scalar("5m")), ("bytes", Self.scalar("20MB")),
        ]
        let (values, faults) = Self.read(members) { reader in
            defer { reader.finish() }
            return [
                reader.text("text") ?? "", "\(reader.bool("bool", default: false))",
                "\(reader.number("number", in: 0...1) ?? -1)", "\(reader.integer("integer", in: 1...9) ?? -1)",
                "\(reader.duration("duration") == .seconds(300))", "\(reader.byteCount("bytes") ?? -1)",
            ]
        }

        #expect(values == ["a", "true", "0.5", "7", "true", "20000000"])
        #expect(faults.isEmpty)
    }

    @Test(
        "A value of the wrong kind is a fault that names what was found", arguments: ["yes", "nan", "-1", "1e400", "x"])
    func wrong(text: String) {
        let (_, faults) = Self.read([("a", Self.scalar(text)), ("b", Self.scalar(text)), ("c", Self.scalar(text))]) {
            ($0.bool("a", default: false), $0.number("b", in: 0...1), $0.integer("c", in: 0...9))
        }

        #expect(faults.count == 3)
        #expect(faults.allSatisfy { $0.hasSuffix("found \"\(text)\"") })
    }

    @Test("A number in quotes is a text")
    func quoted() {
        let (value, faults) = Self.read([("n", Self.scalar("5", quoted: true))]) { $0.integer("n", in: 0...9) }

        #expect(value == nil)
        #expect(faults.count == 1)
    }

    @Test("An unknown option is named with the one that was meant")
    func unknown() {
        let (_, faults) = Self.read([("usr", Self.scalar("a")), ("colour", Self.scalar("b"))]) { reader in
            _ = reader.text("user")
            _ = reader.text("password")
            reader.finish()
        }

        #expect(faults == ["unknown option; did you mean \"user\"?", "unknown option; known here: password, user"])
    }

    @Test("An option that stands twice, and one that is missing, are faults")
    func twiceAndMissing() {
        let (_, faults) = Self.read([("a", Self.scalar("1")), ("a", Self.scalar("2"))]) { reader in
            _ = reader.text("a")
            _ = reader.requiredText("b")
            reader.finish()
        }

        #expect(faults == ["stands here a second time; keep one", "the option \"b\" is required here"])
    }

    @Test("A secret comes from the environment or a file and is never printed")
    func secret() {
        let reference = Self.map([("env", Self.scalar("TOKEN"))])
        let file = Self.map([("file", Self.scalar("/run/key"))])
        let (values, faults) = Self.read([("a", reference), ("b", file)]) { [$0.secret("a"), $0.secret("b")] }

        #expect(values.map { $0?.reveal() } == ["s3cret", "from file"])
        #expect(faults.isEmpty)
        #expect("\(values)".contains("s3cret") == false)
        #expect(String(reflecting: values).contains("s3cret") == false)
    }

    @Test("A secret that is written out is refused, and the refusal does not repeat it")
    func secretInPlace() {
        let missing = Self.map([("env", Self.scalar("EMPTY"))])
        let (values, faults) = Self.read([("a", Self.scalar("hunter2")), ("b", missing)]) {
            [$0.secret("a"), $0.secret("b")]
        }

        #expect(values == [nil, nil])
        #expect(faults.count == 2)
        #expect(faults.allSatisfy { !$0.contains("hunter2") })
    }
}
