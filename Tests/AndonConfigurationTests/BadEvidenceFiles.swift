extension BadFile {
    static let evidence = [
        BadFile(
            "Pictures that tell less are kept longer",
            "plant: { name: P }\nevidence:\n  retention: { orders: 60d, good: 120d }\n",
            "andon.yaml:3:24: evidence.retention.orders: pictures of \"recorded\" (90d) would be kept longer than those of"
                + " \"orders\" (60d); make \"recorded\" at most as long",
            "andon.yaml:3:35: evidence.retention.good: pictures of \"good\" (120d) would be kept longer than those of"
                + " \"recorded\" (90d); make \"good\" at most as long"),
        BadFile(
            "A retention of hours, of no unit, and of centuries",
            "plant: { name: P }\nevidence:\n  retention:\n    orders: 200y\n    recorded: 90\n    good: 12h\n",
            "andon.yaml:4:13: evidence.retention.orders: should be between 1d and 100y, found 200y",
            "andon.yaml:5:15: evidence.retention.recorded: should be a time like 250ms, 30s, 5m, 2h or 1d, found"
                + " \"90\"",
            "andon.yaml:6:11: evidence.retention.good: should be between 1d and 100y, found 12h"),
        BadFile(
            "A free space that is more than all, and a mistyped option",
            "plant: { name: P }\nevidence:\n  freeSpace: { bytes: plenty, share: 10 }\n  sweepEvery: 1s\n"
                + "  retain: {}\n",
            "andon.yaml:3:23: evidence.freeSpace.bytes: should be a size like 512KB, 20MB or 2GB, found \"plenty\"",
            "andon.yaml:3:38: evidence.freeSpace.share: should be a number from 0.0 to 1.0, found \"10\"",
            "andon.yaml:4:15: evidence.sweepEvery: should be between 1m and 1d, found 1s",
            "andon.yaml:5:3: evidence.retain: unknown option; known here: freeSpace, retention, sweepEvery"),
    ]
}
