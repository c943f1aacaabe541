import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonConnectors

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("XML from outside")
struct XMLTextTests {
    private func parse(_ text: String) -> XMLTag? { XMLText.parse(Array(text.utf8)) }

    @Test("Elements, attributes, references, sections and comments are read")
    func reads() throws {
        let root = try #require(
            parse(
                """
                \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- a -- comment --><s:a xmlns:s='urn:x' n = "1 &lt; 2">
                <b/>x &amp; &#x1F3ED;&#65;<![CDATA[<not> &amp;]]><c d='"'>\r\ny</c ></s:a> <?done?>
                """))
        #expect(root.name == "a" && root.attributes["n"] == "1 < 2")
        #expect(root.text.trimmed == "x & 🏭A<not> &amp;")
        #expect(root["c"]?.text == "\ny" && root["c"]?.attributes == ["d": "\""] && root["b"] != nil)
    }

    @Test("ISO-8859-1 is read where it is declared, and another encoding is not guessed")
    func encodings() {
        let latin = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8) + [0xE4] + Array("</a>".utf8)
        #expect(XMLText.parse(latin)?.text == "ä")
        #expect(XMLText.parse(Array("<a>".utf8) + [0xE4] + Array("</a>".utf8)) == nil)
        #expect(parse("<?xml version='1.0' encoding='EBCDIC'?><a/>") == nil)
    }

    @Test("What is not well formed, too deep, too wide or declares entities is not read")
    func refuses() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"cccccccc\">]><a>&b;</a>"
        let deep = String(repeating: "<a>", count: 200) + String(repeating: "</a>", count: 200)
        let wide = "<a>" + String(repeating: "<b/>", count: XMLText.Limits().nodes + 1) + "</a>"
        let broken = [
            "", "   ", "{}", "x<a/>", "<a/>x", "<a/><b/>", "<a>", "</a>", "<a></b>", "<a", "<a b>", "<a b=c/>",
            "<a b='<'/>", "<a b='1' b='2'/>", "<a b='1'c='2'/>", "<1/>", "<>", "<a>&unknown;</a>", "<a>&#0;</a>",
            "<a>&#xD800;</a>", "<a>&#xFFFFFFFFF;</a>", "<a>&#+1;</a>", "<a>&</a>", "<a>\u{0}</a>", "<a>\u{B}</a>",
            "<a><!-- </a>", "<a><![CDATA[</a>", "<![CDATA[x]]><a/>", "<?", "<!", "<a>\u{1}</a>",
        ]
        for text in broken + [bomb, deep, wide] { #expect(parse(text) == nil, "\(text.prefix(30))") }
    }

    @Test("No damaged document does harm, and it takes what the platform's parser takes", arguments: [UInt64(3), 2026])
    func damaged(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let good = Array(
            "<?xml version=\"1.0\"?><s:a xmlns:s='u' b=\"c\"><d>é &amp; x</d><![CDATA[y]]><!--z--><e/></s:a>".utf8)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<random.int(0...3) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
            if random.chance(30) { bytes.removeLast(random.int(0...bytes.count - 1)) }
            if XMLText.parse(bytes) != nil { taken += 1 }
        }
        #expect(taken > 1000, "seed \(seed)")
    }

    @Test("Generated documents are read as the platform's parser reads them", arguments: [UInt64(11), 12])
    func counterpart(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func element(_ depth: Int) -> String {
            let name = random.pick(["a", "b:c", "d-e", "_f", "g.h"])
            let attributes = random.chance(30) ? " k='\(random.pick(["1", "&lt;&quot;", "é 🏭"]))'" : ""
            let inner = (0..<random.int(0...4)).map { _ in
                depth < 5 && random.chance(50)
                    ? element(depth + 1)
                    : random.pick(["text", " ", "&amp;&#65;", "<![CDATA[<&>]]>", "<!--c-->", "刮痕", "\n", "<?p x?>"])
            }
            return "<\(name)\(attributes)>\(inner.joined())</\(name)>"
        }
        func text(_ node: XMLTag) -> String { node.name + node.text + node.children.map(text).joined(separator: "|") }
        func text(_ node: XMLElement) -> String {
            let parts = node.children ?? []
            let own = parts.filter { $0.kind == .text }.compactMap(\.stringValue).joined()
            return (node.localName ?? "") + own
                + parts.compactMap { $0 as? XMLElement }.map(text).joined(separator: "|")
        }
        for _ in 0..<300 {
            let source = "<r xmlns:b='urn:b'>\(element(0))</r>"
            let theirs = try #require(
                try XMLDocument(xmlString: source, options: .nodePreserveWhitespace).rootElement())
            let ours = try #require(parse(source), "seed \(seed): \(source)")
            #expect(text(ours) == text(theirs), "seed \(seed): \(source)")
        }
    }
}
