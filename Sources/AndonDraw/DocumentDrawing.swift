import CCairo

/// Draws a document's pages with their structure, links and bookmarks.
struct DocumentDrawing {
    let document: Document
    let pages: Int

    func draw(_ items: [[DocumentLayout.Item]], on canvas: borrowing Canvas) {
        var parents = [Int32](repeating: 0, count: 4)
        canvas.begin("Document")
        for (number, page) in items.enumerated() {
            for item in page { draw(item, &parents, on: canvas) }
            drawMargins(page: number + 1, on: canvas)
            if number + 1 < items.count { canvas.nextPage() }
        }
        canvas.end("Document")
    }

    private func draw(_ item: DocumentLayout.Item, _ parents: inout [Int32], on canvas: borrowing Canvas) {
        switch item {
        case .open(let tag): canvas.begin(tag)
        case .close(let tag): canvas.end(tag)
        case .text(let text): canvas.draw([text])
        case .link(let text, let heading):
            canvas.begin("Link", "dest='\(Self.name(heading))'")
            canvas.draw([text])
            canvas.end("Link")
        case .line(let from, let to, let stroke): canvas.line(from, to, stroke)
        case .fill(let box, let colour): canvas.fill(box, colour)
        case .picture(let bytes, let box, let description):
            canvas.begin("Figure")
            draw(bytes, in: box, description, on: canvas)
            canvas.end("Figure")
        case .heading(let number, let level, let text):
            let name = Self.name(number)
            canvas.begin("cairo.dest", "name='\(name)'")
            canvas.end("cairo.dest")
            parents[level] = canvas.bookmark(text, to: name, under: parents[level - 1])
            for deeper in level + 1..<max(level + 1, parents.count) { parents[deeper] = parents[level] }
        }
    }

    private func draw(_ bytes: [UInt8], in box: Box, _ description: String, on canvas: borrowing Canvas) {
        do throws(DrawError) {
            let raster = bytes.first == 0xFF ? try Raster(jpeg: bytes) : try Raster(png: bytes)
            raster.draw(in: box, on: canvas)
        } catch {
            canvas.text(
                "\(description): not printed: \(error)", at: box.middle, Lettering(8), .middle, width: box.width - 12)
        }
        canvas.polygon(box.corners, stroke: Stroke(.rule, 0.4))
    }

    private func drawMargins(page: Int, on canvas: borrowing Canvas) {
        let (area, lettering) = (DocumentLayout.area, Lettering(7.5, .quiet))
        let number = "page \(page) of \(pages)"
        canvas.text(number, at: Spot(area.right, 812), lettering, .end)
        canvas.text(document.footer, at: Spot(area.left, 812), lettering, width: area.width - 80)
        canvas.line(Spot(area.left, 800), Spot(area.right, 800), Stroke(.rule, 0.5))
        if page > 1 { canvas.text(document.title, at: Spot(area.left, 40), lettering, width: area.width) }
    }

    private static func name(_ heading: Int) -> String { "h\(heading)" }
}

extension Canvas {
    /// Begins an element of the structure; it ends by ``end(_:)``, within the same one.
    func begin(_ tag: String, _ attributes: String = "") { cairo_tag_begin(context, tag, attributes) }

    func end(_ tag: String) { cairo_tag_end(context, tag) }

    /// Ends a page of a PDF.
    func nextPage() { cairo_show_page(context) }

    /// - Returns: the bookmark, for those under it.
    func bookmark(_ text: String, to destination: String, under parent: Int32) -> Int32 {
        cairo_pdf_surface_add_outline(
            surface, parent, DrawnText.clean(text), "dest='\(destination)'", CAIRO_PDF_OUTLINE_FLAG_OPEN)
    }
}
