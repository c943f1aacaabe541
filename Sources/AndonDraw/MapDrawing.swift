/// Draws a map from the ground up: the plan, pale outside the zone, then the zone's marks, then the words.
///
/// The zone is told by three means that hold without colour: what lies outside is pale, the zone is hatched, and its
/// outline is thick and dark with a white seam.
struct MapDrawing {
    let layout: MapLayout

    private var unit: Double { layout.unit }

    func draw(on canvas: borrowing Canvas) throws(DrawError) {
        try layout.figure.plan.draw(in: layout.plan, on: canvas)
        drawZone(on: canvas)
        canvas.polygon(layout.plan.corners, stroke: Stroke(.rule, 1.5 * unit))
        drawMark(on: canvas)
        canvas.draw(layout.header)
        drawLegend(on: canvas)
    }

    private func drawZone(on canvas: borrowing Canvas) {
        canvas.fill(layout.plan, without: layout.zone, Colour.paper.faded(0.62))
        canvas.clipped(to: layout.plan) {
            hatch(layout.zone, spacing: 18 * unit, width: 2.5 * unit, on: canvas)
            canvas.polygon(layout.zone, stroke: Stroke(.paper, 12 * unit))
            canvas.polygon(layout.zone, stroke: Stroke(.ink, 6 * unit))
        }
    }

    private func hatch(_ zone: [Spot], spacing: Double, width: Double, on canvas: borrowing Canvas) {
        guard let left = zone.map(\.x).min(), let right = zone.map(\.x).max(), let top = zone.map(\.y).min(),
            let bottom = zone.map(\.y).max(), bottom > top
        else { return }
        canvas.polygon(zone, fill: Colour.signal.faded(0.14))
        let lines = min(2000, Int((right - left + bottom - top) / spacing))
        canvas.clipped(to: zone) {
            for line in 0...lines {
                let x = left - (bottom - top) + Double(line) * spacing
                canvas.line(
                    Spot(x, bottom), Spot(x + bottom - top, top), Stroke(Colour.signal.faded(0.6), width))
            }
        }
    }

    private func drawMark(on canvas: borrowing Canvas) {
        guard let mark = layout.mark else { return }
        pin(at: mark, scale: 1, on: canvas)
        guard let label = layout.label else { return }
        canvas.polygon(layout.labelBox.corners, fill: .paper, stroke: Stroke(.ink, 2.5 * unit))
        canvas.draw([label])
    }

    /// A drop that stands on its tip, as on every map.
    private func pin(at spot: Spot, scale: Double, on canvas: borrowing Canvas) {
        let size = 20 * unit * scale
        let head = Spot(spot.x, spot.y - 1.9 * size)
        let tip = [
            Spot(head.x - 0.88 * size, head.y + 0.48 * size), spot, Spot(head.x + 0.88 * size, head.y + 0.48 * size),
        ]
        let seam = Stroke(.paper, 7 * unit * scale)
        canvas.polygon(tip, fill: .ink, stroke: seam)
        canvas.circle(head, radius: size, fill: .ink, stroke: seam)
        canvas.polygon(tip, fill: .ink)
        canvas.circle(head, radius: size, fill: .ink)
        canvas.circle(head, radius: 0.42 * size, fill: .paper)
    }

    private func drawLegend(on canvas: borrowing Canvas) {
        let swatch = layout.zoneSwatch
        hatch(swatch.corners, spacing: 12 * unit, width: 2.5 * unit, on: canvas)
        canvas.polygon(swatch.corners, stroke: Stroke(.ink, 4 * unit))
        pin(at: layout.markSwatch, scale: 0.55, on: canvas)
        canvas.draw(layout.legend)
    }
}
