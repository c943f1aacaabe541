extension BadFile {
    /// A file whose only mistake stands in one chart, and what is said of it behind `rules.charts.`.
    private static func chart(_ name: String, _ chart: String, _ faults: String...) -> BadFile {
        BadFile(
            name, yaml: "plant: { name: P }\nrules:\n  classes: { scratch: {}, dent: {} }\n  charts:\n    \(chart)\n",
            faults: faults.map { "andon.yaml:5:\($0)" })
    }

    static let charts = [
        chart(
            "A chart without a kind", "n: { of: defects }", "8: rules.charts.n: the option \"kind\" is required here"),
        chart(
            "A kind of the textbooks that is no chart of its own", "n: { kind: range }",
            "16: rules.charts.n.kind: should be one of p, np, c, u, p-prime, u-prime, g, t, individuals, mean;"
                + " found \"range\""),
        chart(
            "A mean of nothing", "n: { kind: mean }", "8: rules.charts.n: the option \"of\" is required here"),
        chart(
            "A share of measured values", "n: { kind: p, of: width }",
            "23: rules.charts.n.of: a p chart is of defective-units; for measured values take individuals or mean;"
                + " found \"width\""),
        chart(
            "A class that the rules do not have", "n: { kind: u, classes: [scratch, blister] }",
            "38: rules.charts.n.classes[1]: should be one of the classes dent, scratch; found \"blister\""),
        chart(
            "A stratum twice, and one that there is not", "n: { kind: u, by: [asset, asset, colour] }",
            "31: rules.charts.n.by[1]: should be one of asset, camera, zone, lot, shift, product, model, class, each"
                + " once; found \"asset\"",
            "38: rules.charts.n.by[2]: should be one of asset, camera, zone, lot, shift, product, model, class, each"
                + " once; found \"colour\""),
        chart(
            "A subgroup of both kinds", "n: { kind: u, subgroup: { parts: 5, time: 1h } }",
            "29: rules.charts.n.subgroup: should have either \"parts\" (a number) or \"time\" (a span)"),
        chart(
            "Subgroups of a chart that needs one size, by time", "n: { kind: np, subgroup: { time: 1h } }",
            "30: rules.charts.n.subgroup: a np chart needs subgroups of one size; give { parts: 50 }, or take p"),
        chart(
            "A run rule for counts far from normal", "n: { kind: g, rules: [mixture] }",
            "27: rules.charts.n.rules[0]: mixture does not hold for a g chart, whose counts are far from normal;"
                + " take beyond-3-sigma, run-on-one-side, steady-trend, alternating"),
        chart(
            "A set of rules that nobody published", "n: { kind: u, rules: everything }",
            "26: rules.charts.n.rules: should be one of rule-1, western-electric, nelson, aiag, or a list of"
                + " beyond-3-sigma, 2-of-3-beyond-2-sigma, 4-of-5-beyond-1-sigma, run-on-one-side, steady-trend, alternating,"
                + " hugging-the-centre, mixture; found \"everything\""),
        chart(
            "No rule at all", "n: { kind: u, rules: [] }",
            "5: rules.charts.n: a chart without a rule says nothing; name at least beyond-3-sigma"),
        chart(
            "Two memories", "n: { kind: u, ewma: {}, cusum: {} }",
            "36: rules.charts.n.cusum: take either ewma or cusum for a chart"),
        chart(
            "A width that no chart has", "n: { kind: u, width: 99 }",
            "26: rules.charts.n.width: should be a number from 1.0 to 10.0, found \"99\""),
        chart(
            "Limits without a sigma", "n: { kind: individuals, of: width, limits: { centre: 4 } }",
            "48: rules.charts.n.limits: the option \"sigma\" is required here"),
        chart(
            "A specification the wrong way round",
            "n: { kind: individuals, of: width, specification: { lower: 5, upper: 4 } }",
            "55: rules.charts.n.specification: lower should be below upper"),
        chart(
            "A specification of counts", "n: { kind: u, specification: { lower: 5 } }",
            "34: rules.charts.n.specification: only measured values have a specification"),
        chart(
            "A signal of a class that there is not", "n: { kind: u, signal: smudge }",
            "27: rules.charts.n.signal: should be off or one of the classes dent, scratch; found \"smudge\""),
        chart(
            "A name that reads like a stream", "\"n (x)\": { kind: u }",
            "5: rules.charts.n (x): n (x): a chart's name has at most 60 letters, and none of # / ( ) , |"),
        chart(
            "By class twice over", "n: { kind: u, by: [class] }\n    n.dent: { kind: u }",
            "5: rules.charts.n: by class makes a chart n.dent, and there is another one of that name"),
        chart(
            "A trend without a threshold", "n: { kind: u, trend: { direction: falling } }",
            "26: rules.charts.n.trend: the option \"threshold\" is required here"),
        chart(
            "A trend that begins anew with each lot", "n: { kind: u, by: [lot], trend: { threshold: 4 } }",
            "50: rules.charts.n.trend.threshold: a trend needs a stream that goes on; a chart by lot begins anew with"
                + " each lot"),
        chart(
            "A lead time that is no span", "n: { kind: u, trend: { threshold: 4, leadTime: soon } }",
            "52: rules.charts.n.trend.leadTime: should be a time like 250ms, 30s, 5m, 2h or 1d, found \"soon\""),
    ]

    static let maintenance = [
        BadFile(
            "A planned stop on a day and on days",
            "plant:\n  name: P\n  maintenance:\n"
                + "    - { name: S, days: [mon], date: 2026-12-01, from: \"06:00\", to: \"14:00\" }\n",
            "andon.yaml:4:24: plant.maintenance[0].days: give either \"date\" or \"days\""),
        BadFile(
            "A planned stop of a machine that there is not",
            "plant:\n  name: P\n  maintenance:\n"
                + "    - { name: S, assets: [GHOST], days: [mon], from: \"06:00\", to: \"14:00\" }\n",
            "andon.yaml:4:26: plant.maintenance[0].assets: the asset GHOST is not in plant.assets"),
    ]
}
