import Testing

@testable import AndonDraw

@Suite("Control charts as SVG")
struct SVGTests {
    @Test("It is well-formed, has its size, refers to nothing outside, and carries no date")
    func sound() async throws {
        for figure in [ChartFigure.sample(), .degrading, .sample(last: 31, signals: ["beyond-3-sigma"])] {
            let found = try await Judge.svg(figure.svg(width: 900, height: 480))
            #expect(found.width.hasPrefix("900") && found.height.hasPrefix("480"))
            #expect(found.outside.isEmpty && found.times.isEmpty, "\(found.outside) \(found.times)")
            let known: Set = ["svg", "g", "defs", "symbol", "use", "path", "rect", "clipPath", "title", "desc"]
            #expect(Set(found.elements).isSubset(of: known), "\(found.elements)")
        }
    }

    @Test("Title and numbers are in it as text, with what XML reserves escaped")
    func text() async throws {
        var figure = ChartFigure.sample(last: 31, signals: ["beyond-3-sigma"])
        figure.title = "<script>alert('&amp;')</script> ]]> Zażółć \"缺陷\"\u{0}\u{FFFE}"
        let found = try await Judge.svg(figure.svg())
        #expect(found.title == "<script>alert('&amp;')</script> ]]> Zażółć \"缺陷\" \u{FFFD}")
        let words = try #require(found.description)
        for fact in ["point 20", "31 defects a wafer", "LCL 4, centre 16, UCL 28", "+3.75 sigma", "beyond-3-sigma"] {
            #expect(words.contains(fact), "\(fact) in \(words)")
        }
        #expect(!found.elements.contains("script"))
    }

    @Test("The count that Cairo keeps over the process is not in it")
    func names() throws {
        let one = SVGText.finished(
            Array("<svg a=\"b\">\n<g id=\"surface12\"/><use href=\"#surface12\"/></svg>".utf8), title: "",
            description: "")
        let two = SVGText.finished(
            Array("<svg a=\"b\">\n<g id=\"surface7\"/><use href=\"#surface7\"/></svg>".utf8), title: "", description: ""
        )
        #expect(one == two && String(decoding: one, as: UTF8.self).contains("<g id=\"surface\"/>"))
        #expect(SVGText.finished(Array("surf".utf8), title: "t", description: "d") == Array("surf".utf8))
    }
}
