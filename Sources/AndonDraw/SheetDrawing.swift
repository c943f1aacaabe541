/// Draws a sheet: frames and pictures first, the words over them.
struct SheetDrawing {
    let layout: SheetLayout

    func draw(on canvas: borrowing Canvas) {
        canvas.fill(layout.priority, .ink)
        canvas.fill(layout.reason, .shade)
        if let words = layout.priorityText { canvas.draw([words]) }
        for slot in layout.pictures { draw(slot, on: canvas) }
        canvas.polygon(layout.facts.corners, stroke: Stroke(.rule, 0.6))
        for field in layout.fields { draw(field, on: canvas) }
        canvas.line(
            Spot(layout.area.left, layout.footLine), Spot(layout.area.right, layout.footLine), Stroke(.rule, 0.5))
        canvas.draw(layout.texts)
    }

    private func draw(_ slot: SheetLayout.Slot, on canvas: borrowing Canvas) {
        do throws(DrawError) {
            let bytes = slot.picture.bytes
            let raster = bytes.first == 0xFF ? try Raster(jpeg: bytes) : try Raster(png: bytes)
            raster.draw(in: slot.box, on: canvas)
            canvas.polygon(slot.box.corners, stroke: Stroke(.rule, 0.4))
        } catch {
            canvas.polygon(slot.box.corners, stroke: Stroke(.rule, 0.6, dashes: [3, 3]))
            canvas.text(
                "not printed: \(error)", at: slot.box.middle, Lettering(7.5), .middle, width: slot.box.width - 12)
        }
    }

    private func draw(_ field: SheetLayout.Field, on canvas: borrowing Canvas) {
        canvas.polygon(field.box.corners, stroke: Stroke(.quiet, 0.7))
        canvas.draw([field.name] + field.choices)
        for choice in field.choices {
            let size = 9.0
            canvas.polygon(
                Box(left: choice.box.left - size - 5, top: choice.box.top + 1, width: size, height: size).corners,
                stroke: Stroke(.ink, 0.8))
        }
    }
}
