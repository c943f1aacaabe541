/// Where everything of a document lies, page by page, in points.
struct DocumentLayout {
    static let page = Box(left: 0, top: 0, width: 595, height: 842)
    static let area = Box(left: 50, top: 62, width: 495, height: 716)

    /// What is drawn, one after the other.
    enum Item {
        case open(String)
        case close(String)
        case text(PlacedText)
        /// The same, as a way to a heading.
        case link(PlacedText, heading: Int)
        case line(Spot, Spot, Stroke)
        case fill(Box, Colour)
        case picture([UInt8], Box, description: String)
        /// A bookmark to here.
        case heading(Int, level: Int, String)
    }

    private let document: Document
    private var pages: [[Item]] = [[]]
    private var y = DocumentLayout.area.top
    /// Headings with the page that each is on, from 1.
    private var headings: [(level: Int, text: String, page: Int)] = []

    static let body = Lettering(9)
    static let small = Lettering(7.5, .quiet)
    private static let cell = Lettering(8)
    private static let head = Lettering(8, bold: true)
    private static let sizes = [15.0, 11.5, 9.5]
    private static let padding = 3.0
    /// A block of text is broken into as many lines as it needs, up to this many.
    private static let linesMax = 2000

    init(_ document: Document, measuring canvas: borrowing Canvas) {
        self.document = document
    }

    mutating func place(on canvas: borrowing Canvas) -> [[Item]] {
        placeTitle(on: canvas)
        let contents = document.hasContents ? reserveContents() : nil
        for block in document.blocks { place(block, on: canvas) }
        if let contents { fill(contents, on: canvas) }
        return pages
    }

    // MARK: Pages

    private mutating func add(_ item: Item) { pages[pages.count - 1].append(item) }

    private mutating func turn() {
        pages.append([])
        y = Self.area.top
    }

    /// - Returns: whether it began a page for want of room.
    @discardableResult
    private mutating func need(_ height: Double) -> Bool {
        guard y + height > Self.area.bottom, y > Self.area.top else { return false }
        turn()
        return true
    }

    /// Lines of text across the page, on as many pages as they take, as one or more elements of the structure.
    private mutating func flow(
        _ lines: [String], _ lettering: Lettering, tag: String, left: Double = DocumentLayout.area.left
    ) {
        guard !lines.isEmpty else { return }
        add(.open(tag))
        for line in lines {
            if y + lettering.lineHeight > Self.area.bottom {
                add(.close(tag))
                turn()
                add(.open(tag))
            }
            add(.text(Self.placed(line, left, y, lettering)))
            y += lettering.lineHeight
        }
        add(.close(tag))
    }

    private static func placed(_ line: String, _ left: Double, _ top: Double, _ lettering: Lettering) -> PlacedText {
        PlacedText(
            text: line, spot: Spot(left, top + lettering.size), lettering: lettering,
            box: Box(left: left, top: top, width: 0, height: lettering.lineHeight))
    }

    /// All of a text, however long: it is measured in pieces.
    static func lines(
        _ text: String, _ lettering: Lettering, width: Double, on canvas: borrowing Canvas
    ) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var rest = paragraph[...]
            repeat {
                var piece = rest.prefix(DrawnText.scalarsMax / 4)
                if piece.endIndex < rest.endIndex, let space = piece.lastIndex(of: " ") { piece = rest[...space] }
                let found = canvas.lines(String(piece), lettering, width: width, maximum: Self.linesMax)
                // The last line of a piece goes on with the next piece.
                let goesOn = piece.endIndex < rest.endIndex && found.count > 1
                lines += goesOn ? Array(found.dropLast()) : found
                let carried = goesOn ? (found.last ?? "") + (piece.last == " " ? " " : "") : ""
                rest = Substring(carried + rest[piece.endIndex...])
            } while !rest.isEmpty && lines.count < Self.linesMax
            if paragraph.isEmpty { lines.append("") }
        }
        return lines
    }

    // MARK: Title and contents

    private mutating func placeTitle(on canvas: borrowing Canvas) {
        let lettering = Lettering(20, bold: true)
        flow(Self.lines(document.title, lettering, width: Self.area.width, on: canvas), lettering, tag: "H1")
        y += 4
        for line in document.subtitle {
            flow(Self.lines(line, Self.body, width: Self.area.width, on: canvas), Self.body, tag: "P")
        }
        y += 6
        add(.line(Spot(Self.area.left, y), Spot(Self.area.right, y), Stroke(.rule, 0.8)))
        y += 10
    }

    /// Where the list of contents comes.
    private struct Contents {
        var page: Int
        var place: Int
        var top: Double
    }

    private static let entry = Lettering(9)

    /// Leaves room for the list, whose page numbers are not known yet.
    private mutating func reserveContents() -> Contents {
        let start = Contents(page: pages.count - 1, place: pages[pages.count - 1].count, top: y)
        let count = document.blocks.count { if case .heading(1...2, _) = $0 { true } else { false } }
        y += Self.sizes[1] * 1.6
        for _ in 0..<count {
            if y + Self.entry.lineHeight > Self.area.bottom { turn() }
            y += Self.entry.lineHeight
        }
        turn()
        return start
    }

    private mutating func fill(_ contents: Contents, on canvas: borrowing Canvas) {
        var (page, y) = (contents.page, contents.top)
        let title = Lettering(Self.sizes[1], bold: true)
        var items: [Item] = [
            .open("TOC"), .open("Caption"), .text(Self.placed("Contents", Self.area.left, y, title)),
            .close("Caption"),
        ]
        y += Self.sizes[1] * 1.6
        func end(_ more: [Item]) -> [Item] { items + more }
        for (number, heading) in headings.enumerated() where heading.level <= 2 {
            if y + Self.entry.lineHeight > Self.area.bottom {
                pages[page].insert(contentsOf: end([.close("TOC")]), at: page == contents.page ? contents.place : 0)
                (page, y, items) = (page + 1, Self.area.top, [.open("TOC")])
            }
            let left = Self.area.left + (heading.level == 2 ? 14 : 0)
            let lettering = heading.level == 1 ? Lettering(9, bold: true) : Self.entry
            let figure = "\(heading.page)"
            let right = Self.area.right - canvas.width(of: figure, lettering)
            let words = canvas.fitted(heading.text, lettering, width: right - left - 12)
            items += [
                .open("TOCI"), .link(Self.placed(words, left, y, lettering), heading: number),
                .text(Self.placed(figure, right, y, lettering)), .close("TOCI"),
            ]
            y += Self.entry.lineHeight
        }
        pages[page].insert(contentsOf: end([.close("TOC")]), at: page == contents.page ? contents.place : 0)
    }

    // MARK: Blocks

    private mutating func place(_ block: Document.Block, on canvas: borrowing Canvas) {
        switch block {
        case .heading(let level, let text): place(heading: text, min(max(level, 1), 3), on: canvas)
        case .paragraph(let text):
            flow(Self.lines(text, Self.body, width: Self.area.width, on: canvas), Self.body, tag: "P")
            y += 5
        case .notice(let word, let text): place(notice: word, text, on: canvas)
        case .facts(let facts):
            let rows = facts.map { [$0.name, $0.value ?? Document.unknown, $0.source] }
            let hasSource = facts.contains { !$0.source.isEmpty }
            let columns =
                [Document.Column("", weight: 3), .init("", weight: 6)] + (hasSource ? [.init("", weight: 3)] : [])
            place(columns, hasSource ? rows : rows.map { Array($0.prefix(2)) }, on: canvas, isFacts: true)
        case .table(let columns, let rows): place(columns, rows, on: canvas, isFacts: false)
        case .picture(let bytes, let description, let caption, let height):
            place(picture: bytes, description, caption, height, on: canvas)
        case .pageBreak: if y > Self.area.top { turn() }
        }
    }

    private mutating func place(heading text: String, _ level: Int, on canvas: borrowing Canvas) {
        let lettering = Lettering(Self.sizes[level - 1], bold: true)
        let lines = Self.lines(text, lettering, width: Self.area.width, on: canvas)
        y += y > Self.area.top ? lettering.size * 0.7 : 0
        // A heading does not stand alone at a page's end.
        need(Double(lines.count) * lettering.lineHeight + 40)
        add(.heading(headings.count, level: level, text))
        headings.append((level, text, pages.count))
        flow(lines, lettering, tag: "H\(min(level + 1, 6))")
        y += 3
    }

    private mutating func place(notice word: String, _ text: String, on canvas: borrowing Canvas) {
        let inner = Self.area.width - 16
        let lines = Self.lines(text, Self.body, width: inner, on: canvas)
        let height = Double(lines.count) * Self.body.lineHeight + Self.head.lineHeight + 10
        need(min(height, Self.area.height))
        if height < Self.area.bottom - y {
            add(.fill(Box(left: Self.area.left, top: y, width: Self.area.width, height: height), .shade))
            add(.fill(Box(left: Self.area.left, top: y, width: 3, height: height), .ink))
        }
        y += 5
        flow([word], Self.head, tag: "P", left: Self.area.left + 10)
        flow(lines, Self.body, tag: "P", left: Self.area.left + 10)
        y += 10
    }

    private mutating func place(
        picture bytes: [UInt8], _ description: String, _ caption: String, _ limit: Double, on canvas: borrowing Canvas
    ) {
        let words = Self.lines(caption, Self.small, width: Self.area.width, on: canvas)
        let below = Double(words.count) * Self.small.lineHeight + 10
        guard let size = SheetFigure.Picture(bytes, caption: "").size, size.width > 0, size.height > 0 else {
            flow(["[This picture cannot be shown: \(caption)]"], Self.body, tag: "P")
            return
        }
        let height = min(limit, Self.area.height - below)
        let scale = min(Self.area.width / size.width, height / size.height)
        need(size.height * scale + below)
        let box = Box(left: Self.area.left, top: y, width: size.width * scale, height: size.height * scale)
        add(.picture(bytes, box, description: description))
        y = box.bottom + 2
        flow(words, Self.small, tag: "Caption")
        y += 8
    }

    // MARK: Tables

    private mutating func place(
        _ columns: [Document.Column], _ rows: [[String]], on canvas: borrowing Canvas, isFacts: Bool
    ) {
        let total = columns.reduce(0) { $0 + max(0.1, $1.weight) }
        let widths = columns.map { Self.area.width * max(0.1, $0.weight) / total }
        let heads = columns.enumerated().map {
            Self.lines($1.title, Self.head, width: widths[$0] - 2 * Self.padding, on: canvas)
        }
        func head(_ layout: inout DocumentLayout) {
            layout.add(.open("Table"))
            if !isFacts { layout.row(heads, widths, Self.head, isHead: true) }
        }
        let headHeight = isFacts ? 0 : Self.height(heads, Self.head)
        for (number, row) in rows.enumerated() {
            let cells = columns.indices.map { index -> [String] in
                guard index < row.count else { return [] }
                let lettering = isFacts && index == 0 ? Self.head : Self.cell
                return Self.lines(row[index], lettering, width: widths[index] - 2 * Self.padding, on: canvas)
            }
            let height = Self.height(cells, Self.cell)
            if number == 0 {
                need(headHeight + min(height, 200))
                head(&self)
            } else if y + height > Self.area.bottom {
                add(.close("Table"))
                turn()
                head(&self)
            }
            placeRow(cells, widths, isFacts: isFacts, head: head)
        }
        if !rows.isEmpty { add(.close("Table")) } else { flow(["none"], Self.cell, tag: "P") }
        y += 8
    }

    private static func height(_ cells: [[String]], _ lettering: Lettering) -> Double {
        Double(cells.map(\.count).max() ?? 0) * lettering.lineHeight + 2 * padding
    }

    /// A row that is higher than a page goes on on the next one.
    private mutating func placeRow(
        _ cells: [[String]], _ widths: [Double], isFacts: Bool, head: (inout DocumentLayout) -> Void
    ) {
        var rest = cells
        while true {
            let room = max(1, Int((Self.area.bottom - y - 2 * Self.padding) / Self.cell.lineHeight))
            let part = rest.map { Array($0.prefix(room)) }
            rest = rest.map { Array($0.dropFirst(room)) }
            row(part, widths, Self.cell, isHead: false, isFirstBold: isFacts)
            guard rest.contains(where: { !$0.isEmpty }) else { return }
            add(.close("Table"))
            turn()
            head(&self)
        }
    }

    private mutating func row(
        _ cells: [[String]], _ widths: [Double], _ lettering: Lettering, isHead: Bool, isFirstBold: Bool = false
    ) {
        let height = Self.height(cells, lettering)
        if isHead { add(.fill(Box(left: Self.area.left, top: y, width: Self.area.width, height: height), .shade)) }
        add(.open("TR"))
        var left = Self.area.left
        for (index, lines) in cells.enumerated() {
            let tag = isHead || (isFirstBold && index == 0) ? "TH" : "TD"
            let isSource = isFirstBold && index == 2
            let own = isFirstBold && index == 0 ? Self.head : isSource ? Lettering(7, .quiet) : lettering
            add(.open(tag))
            for (number, line) in lines.enumerated() {
                let top = y + Self.padding + Double(number) * lettering.lineHeight
                add(.text(Self.placed(line, left + Self.padding, top, own)))
            }
            add(.close(tag))
            left += widths[index]
        }
        add(.close("TR"))
        y += height
        add(.line(Spot(Self.area.left, y), Spot(Self.area.right, y), Stroke(.grid, 0.6)))
    }
}
