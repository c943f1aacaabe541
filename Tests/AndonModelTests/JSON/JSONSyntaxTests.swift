import AndonModel
import Testing

/// After the cases of Nicolas Seriot's "Parsing JSON is a minefield": what must be read, what must be refused, and
/// what we chose where the standard leaves it open.
@Suite("JSON syntax")
struct JSONSyntaxTests {
    @Test(
        "Valid JSON is read",
        arguments: [
            "[]", "{}", "[ ]", "{ }", "null", "true", "false", "0", "-0", "\"\"", " [] ", "\t[]\n", "\r\n[]\r\n",
            "[null]",
            "[true]", "[false]", "[1]", "[-1]", "[-0]", "[0]", "[123]", "[123.456789]", "[1.5]", "[-1.5]", "[0.1]",
            "[0e1]",
            "[0e+1]", "[1e1]", "[1E1]", "[1e+2]", "[1E+2]", "[1e-2]", "[1E-2]", "[1.5e3]", "[1.5E-3]", "[-123]",
            "[1e22]",
            "[1e-22]", "[0.000000000000000000000000000000000000000000000000000000001]",
            "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
            "[123456789012345678901234567890]", "[1e-400]", "[1.7976931348623157e308]", "[5e-324]", "[\"a\"]",
            #"["\""]"#, #"["\\"]"#, #"["\/"]"#, #"["\b\f\n\r\t"]"#, #"["\u0000"]"#, #"["\u0061\u30af"]"#,
            #"["\uD801\udc37"]"#, #"["\ud83d\ude39\ud83d\udc8d"]"#, #"["\uDBFF\uDFFF"]"#, #"["\uFFFF"]"#,
            #"["\u0022"]"#,
            #"["\u005C"]"#, #"["\\u0000"]"#, #"["\\a"]"#, #"["a/*b*/c/*d//e"]"#, "[\"\u{7F}\"]", "[\"\u{2028}\"]",
            "[\"é€😀\"]", "[\"asd \"]", "[2]\n", "[[[]]]", "[[],[[]]]", "[1,null,\"a\",{}]", "[ 4]", "[\n1\n,\n2\n]",
            #"{"a":1}"#, #"{"":0}"#, #"{"a":{}}"#, #"{"a":[]}"#, #"{"a\u0000b":1}"#, #"{"a":"b","c":"d"}"#,
            #"{"min":-1.0e+28,"max":1.0e+28}"#, "{\n\"a\" : \"b\"\n}", #"{"title":"\u041f\u043e\u043b"}"#,
            "\"space inside\"",
        ])
    func valid(text: String) throws {
        let value = try JSON(parsing: text)

        #expect(try JSON(parsing: value.canonicalBytes) == value)
    }

    @Test(
        "Invalid JSON is refused",
        arguments: [
            "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1]]", "[]]",
            "[\"a\",\n4\n,1,",
            "[1 true]", "[a]", "[\"a\"", "[\"\": 1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}",
            "{\"a\" 1}", "{\"a\",1}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\":1}}",
            "{\"a\":1}#", "{\"a\":1}/**/", "{\"a\":/*c*/1}", "{null:null}", "{\"a\":b}", "[tru]", "[fals]", "[nul]",
            "[True]",
            "[TRUE]", "nulll", "truefalse", "[NaN]", "[Infinity]", "[-Infinity]", "[-NaN]", "[+1]", "[++1]", "[--1]",
            "[-]",
            "[- 1]", "[-a]", "[01]", "[-01]", "[00]", "[1.]", "[.1]", "[-.1]", "[1.e1]", "[1e]", "[1e+]", "[1E-]",
            "[1eE2]",
            "[1e1.5]", "[1.2.3]", "[1a]", "[0x1]", "[1_000]", "[1 000]", "[0e]", "[2.e3]", "[9.e+]", "[-2.]", "[１]",
            "[∞]",
            "[\"]", "\"", "[\"a]", #"["\"]"#, #"["\a"]"#, #"["\x00"]"#, #"["\'"]"#, #"["\U0041"]"#, #"["\u"]"#,
            #"["\u00"]"#,
            #"["\u00A"]"#, #"["\u00G0"]"#, #"["\u 041"]"#, #"["\😀"]"#, "['a']", "[\"a\nb\"]", "[\"a\tb\"]",
            "[\"\u{00}\"]",
            "[\"\u{1F}\"]", "\u{FEFF}{}", "[\u{0C}]", "[\u{A0}]", "[\u{2060}]", "[]\u{00}", "<a>", "abc", "[1]x", "*",
            "\\u0031",
        ])
    func invalid(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0xBF, 0xBF, 0xBF, 0x22], [0x22, 0xE0, 0xFF, 0x22], [0x22, 0x81, 0x22],
            [0xFE, 0xFF, 0x00, 0x5B],
            [0xFF, 0xFE, 0x5B, 0x00], [0x5B, 0xE5, 0x5D], [0x7B, 0x22, 0xB9, 0x22, 0x3A, 0x30, 0x7D],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
    }

    @Test(
        "Where the standard leaves it open we refuse what two readers might read differently",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":1}"#, #"["\uD800"]"#, #"["\uDC00"]"#, #"["\uD800\uD800"]"#,
            #"["\uD800x"]"#, #"["\uD800\n"]"#, #"["\uDC00\uD800"]"#, "[1e309]", "[-1e309]", "[1e9999999999]",
        ])
    func open(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
    }
}
