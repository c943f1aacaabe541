/// Where everything of a sheet lies, in points.
struct SheetLayout {
    let figure: SheetFigure
    let page: Box
    /// The page without its margins.
    let area: Box
    /// All words but those in the boxes to fill in.
    private(set) var texts: [PlacedText] = []
    private(set) var priority = Box(left: 0, top: 0, width: 0, height: 0)
    private(set) var priorityText: PlacedText?
    private(set) var reason = Box(left: 0, top: 0, width: 0, height: 0)
    private(set) var pictures: [Slot] = []
    private(set) var facts = Box(left: 0, top: 0, width: 0, height: 0)
    private(set) var fields: [Field] = []
    private(set) var footLine = 0.0

    /// A picture's place, of its own shape; its caption is below it.
    struct Slot {
        var picture: SheetFigure.Picture
        var box: Box
    }

    /// A box to write into by hand.
    struct Field {
        var box: Box
        var name: PlacedText
        /// To be ticked, each with its words.
        var choices: [PlacedText] = []
    }

    static let gap = 7.0
    private static let formHeight = 172.0
    /// Of the width, for the large picture.
    private static let largeShare = 0.62
    /// Height of the facts where there is no chart beside them.
    private static let plainFacts = 96.0
    /// Of the middle, where there is no picture to give the height to.
    private static let plainHeight = (facts: 110.0, chart: 188.0)
    private static let small = Lettering(6.5, .quiet)

    init(_ figure: SheetFigure, on canvas: borrowing Canvas) {
        self.figure = figure
        page = Box(left: 0, top: 0, width: Double(figure.paper.size.width), height: Double(figure.paper.size.height))
        area = Box(left: 28, top: 22, width: page.width - 56, height: page.height - 22 - 18)
        var y = placeHeader(on: canvas)
        y = placeDates(at: y + Self.gap, on: canvas)
        y = placeReason(at: y + Self.gap, on: canvas)
        let foot = placeFooter(on: canvas)
        var form = foot - Self.gap - Self.formHeight
        if figure.evidence == nil, figure.crop == nil, figure.map == nil {
            form = y + 2 * Self.gap + (figure.chart == nil ? Self.plainHeight.facts : Self.plainHeight.chart)
        }
        if let spare = spareHeight(between: y, and: form) { form -= spare }
        placeForm(
            in: Box(left: area.left, top: form, width: area.width, height: foot - Self.gap - form), on: canvas)
        placeMiddle(
            in: Box(left: area.left, top: y + Self.gap, width: area.width, height: form - y - 2 * Self.gap), on: canvas)
    }

    /// Without a chart the picture's width, not the page, ends the large picture: what is left goes to the form.
    private func spareHeight(between top: Double, and form: Double) -> Double? {
        let pictures = [figure.evidence, figure.crop, figure.map].compactMap { $0 }
        guard figure.chart == nil, pictures.count < 3, let size = pictures.first?.size else { return nil }
        let width = pictures.count == 1 ? area.width : (area.width - Self.gap) * Self.largeShare
        let room = form - top - 3 * Self.gap - Self.plainFacts
        let used = width * size.height / size.width + Self.small.lineHeight + 2
        // The picture beside the large one is not to shrink for it.
        return used < room ? min(room - used, room * 0.4) : nil
    }

    // MARK: Head

    private mutating func placeHeader(on canvas: borrowing Canvas) -> Double {
        let right = 168.0
        let edge = area.right - right
        var side = TextColumn(left: edge, top: area.top, width: right)
        side.add("WORK ORDER", Lettering(7, .quiet), on: canvas)
        side.add(figure.reference, Lettering(21, bold: true), on: canvas)
        side.gap(3)
        priority = Box(left: edge, top: side.y, width: right, height: 19)
        let lettering = Lettering(12, .paper, bold: true)
        var words = TextColumn(left: edge + 8, top: side.y + 1.5, width: right - 16)
        words.add("PRIORITY \(figure.priority)", lettering, on: canvas)
        priorityText = words.lines.first
        var column = TextColumn(left: area.left, top: area.top, width: area.width - right - 14)
        column.add(figure.title, Lettering(15, bold: true), maximum: 2, on: canvas)
        column.gap(2)
        column.add(figure.path.asPath, Lettering(9.5), maximum: 2, on: canvas)
        texts += side.lines + column.lines
        return max(column.y, priority.bottom)
    }

    private mutating func placeDates(at y: Double, on canvas: borrowing Canvas) -> Double {
        let dates = figure.dates.prefix(4)
        guard !dates.isEmpty else { return y }
        let width = area.width / Double(dates.count)
        var end = y
        for (index, date) in dates.enumerated() {
            var column = TextColumn(left: area.left + Double(index) * width, top: y, width: width - 8)
            column.add(date.name, Self.small, on: canvas)
            column.add(date.value, Lettering(8.5), on: canvas)
            texts += column.lines
            end = max(end, column.y)
        }
        return end
    }

    private mutating func placeReason(at y: Double, on canvas: borrowing Canvas) -> Double {
        var column = TextColumn(left: area.left + 7, top: y + 4, width: area.width - 14)
        column.add("Why this order", Self.small, on: canvas)
        column.add(figure.reason, Lettering(9), maximum: 3, on: canvas)
        texts += column.lines
        reason = Box(left: area.left, top: y, width: area.width, height: column.y + 4 - y)
        return reason.bottom
    }

    /// - Returns: where the footer begins.
    private mutating func placeFooter(on canvas: borrowing Canvas) -> Double {
        let lettering = Lettering(6, .quiet)
        let lines = figure.footer.prefix(3)
        footLine = area.bottom - Double(max(1, lines.count)) * lettering.lineHeight - 3
        let page = "page 1 of 1"
        let width = canvas.width(of: page, lettering)
        texts.append(
            PlacedText(
                text: page, spot: Spot(area.right - width, footLine + 3 + lettering.size), lettering: lettering,
                box: Box(left: area.right - width, top: footLine + 3, width: width, height: lettering.lineHeight)))
        var column = TextColumn(left: area.left, top: footLine + 3, width: area.width - width - 12)
        for line in lines { column.add(line, lettering, on: canvas) }
        texts += column.lines
        return footLine
    }

    // MARK: Middle

    private mutating func placeMiddle(in box: Box, on canvas: borrowing Canvas) {
        let wide = (box.width - Self.gap) * Self.largeShare
        let pictures = [figure.evidence, figure.crop, figure.map].compactMap { $0 }
        var lower = figure.chart == nil ? Self.plainFacts : min(188, box.height * 0.42)
        if pictures.isEmpty { lower = box.height }
        let below = Box(left: box.left, top: box.bottom - lower, width: box.width, height: lower)
        placePictures(
            pictures, in: Box(left: box.left, top: box.top, width: box.width, height: box.height - lower - Self.gap),
            wide: wide, on: canvas)
        guard let chart = figure.chart else {
            facts = below
            return placeFacts(columns: 2, on: canvas)
        }
        let left = Box(left: below.left, top: below.top, width: wide, height: below.height)
        facts = Box(
            left: left.right + Self.gap, top: below.top, width: below.right - left.right - Self.gap,
            height: below.height)
        add(chart, in: left, on: canvas)
        placeFacts(columns: 1, on: canvas)
    }

    /// The first one large, the others in a column beside it.
    private mutating func placePictures(
        _ pictures: [SheetFigure.Picture], in box: Box, wide: Double, on canvas: borrowing Canvas
    ) {
        guard let first = pictures.first else { return }
        guard pictures.count > 1 else { return add(first, in: box, on: canvas) }
        add(first, in: Box(left: box.left, top: box.top, width: wide, height: box.height), on: canvas)
        let others = pictures.dropFirst()
        let height = (box.height - Self.gap * Double(others.count - 1)) / Double(others.count)
        for (index, picture) in others.enumerated() {
            let left = box.left + wide + Self.gap
            let top = box.top + Double(index) * (height + Self.gap)
            add(picture, in: Box(left: left, top: top, width: box.right - left, height: height), on: canvas)
        }
    }

    private mutating func add(_ picture: SheetFigure.Picture, in box: Box, on canvas: borrowing Canvas) {
        var room = Box(
            left: box.left, top: box.top, width: box.width, height: box.height - Self.small.lineHeight - 2)
        if let size = picture.size {
            let scale = min(room.width / size.width, room.height / size.height)
            room.width = size.width * scale
            room.height = size.height * scale
        }
        pictures.append(Slot(picture: picture, box: room))
        var caption = TextColumn(left: box.left, top: room.bottom + 2, width: box.width)
        caption.add(picture.caption, Self.small, on: canvas)
        texts += caption.lines
    }

    /// With as many lines for each value as the box has room for.
    private mutating func placeFacts(columns: Int, on canvas: borrowing Canvas) {
        let width = (facts.width - Double(columns + 1) * 7) / Double(columns)
        let perColumn = (figure.facts.count + columns - 1) / max(1, columns)
        for maximum in [6, 4, 3, 2, 1] {
            var lines: [PlacedText] = []
            var end = 0.0
            for column in 0..<columns {
                let left = facts.left + 7 + Double(column) * (width + 7)
                let part = figure.facts.dropFirst(column * perColumn).prefix(perColumn)
                let placed = Self.rows(
                    part, Box(left: left, top: facts.top + 5, width: width, height: 0), maximum, on: canvas)
                lines += placed.lines
                end = max(end, placed.end)
            }
            if end <= facts.bottom - 3 || maximum == 1 {
                texts += lines.filter { $0.box.bottom <= facts.bottom }
                return
            }
        }
    }

    private static func rows(
        _ facts: ArraySlice<SheetFigure.Fact>, _ box: Box, _ maximum: Int, on canvas: borrowing Canvas
    ) -> (lines: [PlacedText], end: Double) {
        let names = 58.0
        var lines: [PlacedText] = []
        var y = box.top
        for fact in facts {
            var name = TextColumn(left: box.left, top: y + 0.8, width: names - 4)
            name.add(fact.name, small, on: canvas)
            var value = TextColumn(left: box.left + names, top: y, width: box.width - names)
            value.add(fact.value, Lettering(7.5), maximum: maximum, on: canvas)
            lines += name.lines + value.lines
            y = max(name.y, value.y) + 2
        }
        return (lines, y)
    }

    // MARK: Form

    private mutating func placeForm(in box: Box, on canvas: borrowing Canvas) {
        let rows: [(height: Double, fields: [(name: String, share: Double)])] = [
            (box.height - 130, [("What was found", 1)]),
            (42, [("Cause", 0.42), ("What was done", 0.58)]),
            (30, [("Parts used: code, quantity", 0.62), ("Begun", 0.13), ("Ended", 0.13), ("Labour hours", 0.12)]),
            (26, [("The detection was", 1)]),
            (32, [("Name", 0.36), ("Signature", 0.4), ("Date", 0.24)]),
        ]
        var y = box.top
        for row in rows {
            var x = box.left
            for field in row.fields {
                let width = field.share * box.width
                add(field.name, in: Box(left: x, top: y, width: width, height: row.height), on: canvas)
                x += width
            }
            y += row.height
        }
    }

    private mutating func add(_ name: String, in box: Box, on canvas: borrowing Canvas) {
        var column = TextColumn(left: box.left + 4, top: box.top + 2.5, width: box.width - 8)
        column.add(name, Self.small, on: canvas)
        guard let line = column.lines.first else { return }
        var field = Field(box: box, name: line)
        if name == "The detection was" {
            let width = (box.width - 110) / 3
            for (index, words) in ["right", "a false alarm", "a different defect"].enumerated() {
                var choice = TextColumn(
                    left: box.left + 110 + Double(index) * width, top: box.top + 7, width: width - 8)
                choice.add(words, Lettering(9), on: canvas)
                field.choices += choice.lines
            }
        }
        fields.append(field)
    }
}
