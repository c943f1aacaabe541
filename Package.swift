// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
]

// Every version is pinned exactly: a plant that rebuilds next year gets the program that was tested.
let package = Package(
    name: "andon",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        .target(name: "AndonModel", swiftSettings: strict),
        .target(
            name: "AndonLedger",
            dependencies: [
                "AndonModel", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .testTarget(name: "AndonLedgerTests", dependencies: ["AndonLedger", "AndonModel"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
