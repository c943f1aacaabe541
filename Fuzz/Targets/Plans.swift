import AndonDraw

/// Floor plans, which an administrator brings but somebody else drew.
extension FuzzTarget {
    static let plans = [floorPlan]

    private static let floorPlan = FuzzTarget(
        "floor-plan", shortCount: 60,
        seeds: {
            let tiny =
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 20'><defs><g id='a'><rect width='9' height='9'/>"
                + "</g></defs><use href='#a'/><path d='M0 0L9 9z' fill='#0072B2'/><text>Z1</text></svg>"
            return try pngs() + [Samples.file("Sources/AndonServer/Samples/floor-plan.svg"), Array(tiny.utf8)]
        },
        check: { input in
            do throws(DrawError) {
                let plan = try FloorPlan(input)
                // Larger ones are drawn too, but not a thousand times a second.
                if plan.format != .svg, plan.frame.width * plan.frame.height > 1e6 { return }
                let zone = [(0.1, 0.1), (0.5, 0.1), (0.5, 0.5)].map { MapFigure.Place(x: $0.0, y: $0.1) }
                _ = try MapFigure(plan: plan, zone: zone, path: ["P"], zoneName: "z", markName: "m").png(width: 300)
            } catch {
                try promise(error.description.utf8.count < 4000, "the refusal is long")
            }
        })
}
