import Foundation
import Testing

@testable import AndonConnectors

@Suite("Rich text as plain text")
struct PlainTextTests {
    @Test(
        "What people typed comes out, and nothing else",
        arguments: [
            ("plain", "plain"), ("a &lt; b &amp;amp; c", "a < b &amp; c"),
            (
                "<div>Die changed &amp; adjusted<br/>Run tested</div><!-- RICH TEXT -->",
                "Die changed & adjusted\nRun tested"
            ),
            ("<p>one</p><p class=\"x\">two</p>", "one\ntwo"), ("<BR>up<br >down", "up\ndown"),
            ("5 < 6 and no end", "5 < 6 and no end"), ("a<!-- never closed", "a<!-- never closed"), ("", ""),
            ("<script>x</script>", "x"),
        ])
    func samples(html: String, text: String) {
        #expect(PlainText.of(html: html) == text)
    }

    /// Hundreds of thousands of opened marks: a reader that looks ahead from each of them would not come back.
    @Test("A hostile text costs no more than a long one", arguments: ["<", "<!--", "<a ", "&", "<!-- <"])
    func hostile(piece: String) {
        let text = String(repeating: piece, count: 400_000)
        #expect(PlainText.of(html: text).isEmpty == false)
    }
}
