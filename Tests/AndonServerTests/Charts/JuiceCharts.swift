/// A plant with two charts, and what one of them counts.
enum JuiceCharts {
    static let rules =
        ServerFixture.plant + """
              charts:
                scratches:
                  kind: p
                  classes: [scratch]
                  subgroup: { parts: 50 }
                  baseline: 30
                  signal: off
                width:
                  kind: individuals
                  of: width
                  baseline: 20
                  specification: { lower: 8, upper: 12, target: 10 }

            """

    /// The defectives of fifty that NIST and the qcc package print (orange juice, wafers): samples 15 and 23 lie beyond the
    /// limits that all of them make.
    static let counts = [
        12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6,
    ]
}
