// swift-tools-version: 6.1
import PackageDescription

/// `scripts/fuzz` builds our own modules so that libFuzzer sees which way an input goes, and fast.
let fuzzLibrary = Context.environment["ANDON_FUZZ_LIBRARY"]
let strict: [SwiftSetting] =
    [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
    + (fuzzLibrary == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer", "-O"])])

// Every version is pinned exactly: a plant that rebuilds next year gets the program that was tested.
let package = Package(
    name: "andon",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "andon", targets: ["andon"]),
        // A stack of its own, with no knowledge of Andon in it.
        .library(
            name: "OPCUA",
            targets: ["UACodec", "UASecurity", "UATransport", "UAServer", "UAClient", "UAModels"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    ],
    targets: [
        .target(
            name: "UASecurity",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ], swiftSettings: strict),
        .target(name: "AndonModel", swiftSettings: strict),
        .target(name: "AndonSPC", swiftSettings: strict),
        // Programs beside this one.
        .target(name: "AndonPrograms", swiftSettings: strict),
        // From a camera's frame to findings: pure, then the engines that run models, then what brings frames.
        .target(name: "AndonVision", dependencies: ["AndonModel"], swiftSettings: strict),
        .testTarget(
            name: "AndonVisionTests", dependencies: ["AndonVision", "AndonModel"],
            exclude: [
                "reference.py", "reference.json", "Anomaly/anomaly_reference.py", "Anomaly/anomaly_reference.json",
            ], swiftSettings: strict),
        .target(name: "COnnxRuntime"),
        .target(
            name: "AndonInference",
            dependencies: [
                "AndonModel", "AndonVision", "COnnxRuntime",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .testTarget(
            name: "AndonInferenceTests",
            dependencies: [
                "AndonInference", "AndonVision", "AndonModel", "AndonTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .target(
            name: "AndonCapture", dependencies: ["AndonModel", "AndonPrograms", "AndonVision", "CPixels"],
            swiftSettings: strict),
        .testTarget(
            name: "AndonCaptureTests", dependencies: ["AndonCapture", "AndonVision", "AndonModel", "AndonTesting"],
            exclude: ["Counterpart"], swiftSettings: strict),
        .target(
            name: "AndonTransparency", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "UACodec", swiftSettings: strict),
        .target(name: "UAModels", dependencies: ["UACodec"], swiftSettings: strict),
        .testTarget(
            name: "UAModelsTests", dependencies: ["UAModels", "UACodec"], exclude: ["Counterpart"],
            swiftSettings: strict),
        .testTarget(
            name: "UACodecTests", dependencies: ["UACodec"], exclude: ["Counterpart"], swiftSettings: strict),
        .target(
            name: "UATransport",
            dependencies: [
                "UACodec", "UASecurity", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "UATransportTests",
            dependencies: [
                "UATransport", "UACodec", "UASecurity", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "UAServer",
            dependencies: [
                "UACodec", "UASecurity", "UATransport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "UAClient",
            dependencies: [
                "UACodec", "UASecurity", "UATransport", .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "UAClientTests",
            dependencies: [
                "UAClient", "UACodec", "UASecurity", "UATransport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .testTarget(
            name: "UAServerTests",
            dependencies: [
                "UAServer", "UACodec", "UASecurity", "UATransport", .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .target(
            name: "AndonSources",
            dependencies: [
                "AndonModel", "AndonLedger", "AndonVision", "AndonInference", "AndonCapture", "UACodec", "UASecurity",
                "UATransport", "UAClient",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "AndonSourcesTests",
            dependencies: [
                "andon", "AndonSources", "AndonConfiguration", "AndonLedger", "AndonModel", "AndonTesting", "UACodec",
                "UASecurity", "AndonVision", "AndonInference", "AndonCapture",
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        .systemLibrary(name: "CRsvg", pkgConfig: "librsvg-2.0", providers: [.apt(["librsvg2-dev"])]),
        .target(name: "AndonDraw", dependencies: ["CCairo", "CRsvg"], swiftSettings: strict),
        .target(
            name: "CPixels", cSettings: fuzzLibrary == nil ? [] : [.unsafeFlags(["-fsanitize=fuzzer-no-link", "-O1"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png")]),
        .target(
            name: "AndonAnnotate",
            dependencies: ["AndonDraw", "CPixels", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        // The databases that a store can stand on, behind one way of asking them.
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CSQLite", dependencies: [.product(name: "GRDBSQLite", package: "GRDB.swift")]),
        .target(
            name: "AndonSQL",
            dependencies: [
                "CPQ", "CSQLite",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "AndonSQLTests", dependencies: ["AndonSQL", "AndonTesting"], swiftSettings: strict),
        .target(
            name: "AndonLedger",
            dependencies: [
                "AndonModel", "AndonTransparency", "AndonSQL", .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "AndonIdentity",
            dependencies: [
                "AndonModel", "AndonLedger", "AndonTransparency", "AndonSQL",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "AndonAudit",
            dependencies: [
                "AndonModel", "AndonLedger", "AndonIdentity", "AndonTransparency", "AndonDraw",
                "AndonSQL", .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.copy("Editions"), .copy("Verifiers")], swiftSettings: strict),
        .target(
            name: "AndonDispatch",
            dependencies: ["AndonModel", "AndonLedger", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "AndonClose",
            dependencies: ["AndonModel", "AndonLedger", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "AndonLearn", dependencies: ["AndonModel", "AndonSPC", "AndonLedger"], swiftSettings: strict),
        .testTarget(
            name: "AndonLearnTests",
            dependencies: [
                "AndonLearn", "AndonModel", "AndonSPC", "AndonLedger", "AndonTesting",
                "AndonSQL",
            ], swiftSettings: strict),
        .executableTarget(
            name: "learn-benchmark",
            dependencies: [
                "AndonLearn", "AndonModel", "AndonLedger", "AndonSQL",
            ], path: "Benchmarks/Learn", exclude: ["page", "run"], swiftSettings: strict),
        .target(
            name: "AndonIntake",
            dependencies: [
                "AndonModel", "AndonSPC", "AndonDecide", "AndonLedger",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "AndonConnectors",
            dependencies: ["AndonModel", .product(name: "Crypto", package: "swift-crypto")],
            exclude: [
                "EMaint", "Fiix", "Fusion", "Infor", "Limble", "Maintimizer", "Maximo", "MP2", "OPCUA", "REST", "SAP",
                "SAPECC",
            ].flatMap { ["\($0)/README.md", "\($0)/sample.yaml"] },
            swiftSettings: strict),
        .target(
            name: "AndonWire",
            dependencies: [
                "AndonModel", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), "UACodec", "UASecurity", "UAClient", "UAModels",
            ], swiftSettings: strict),
        .target(name: "AndonDecide", dependencies: ["AndonModel", "AndonSPC"], swiftSettings: strict),
        .target(
            name: "AndonConfiguration",
            dependencies: [
                "AndonModel", "AndonSPC", "AndonDecide", "AndonDraw", "AndonTransparency", "AndonIdentity",
                "AndonLedger",
                .product(name: "Yams", package: "Yams"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        // What every page has: the frame, the words, who asks.
        .target(
            name: "AndonWeb",
            dependencies: [
                "AndonModel", "AndonIdentity", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["README.md"], resources: [.copy("Templates"), .copy("Texts"), .copy("Assets")],
            swiftSettings: strict),
        .target(
            name: "AndonDesk",
            dependencies: [
                "AndonWeb", "AndonIdentity", "AndonModel", "AndonLedger", "AndonSQL",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ], swiftSettings: strict),
        .target(
            name: "AndonSites",
            dependencies: [
                "AndonModel", "AndonLedger", "AndonTransparency", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "AndonFloor", dependencies: ["AndonModel", "AndonLedger", "UACodec", "UAModels", "UAServer"],
            swiftSettings: strict),
        .testTarget(
            name: "AndonFloorTests",
            dependencies: [
                "AndonFloor", "AndonIntake", "AndonConfiguration", "AndonDecide", "AndonSPC", "AndonModel",
                "AndonLedger", "AndonTesting", "UACodec", "UAServer", "AndonSQL",
            ], swiftSettings: strict),
        .target(
            name: "AndonBackup",
            dependencies: [
                "AndonModel", "AndonSQL", "AndonLedger", "AndonTransparency", "AndonPrograms",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "AndonServer",
            dependencies: [
                "AndonFloor", "AndonDesk", "AndonAudit", "AndonIdentity", "AndonPrograms", "AndonTransparency",
                "AndonWeb",
                .product(name: "Mustache", package: "swift-mustache"),
                "AndonModel", "AndonSQL", "AndonSPC", "AndonDraw", "AndonLedger", "AndonIntake", "AndonDecide",
                "AndonDispatch",
                "AndonClose", "AndonLearn", "AndonConfiguration", "AndonConnectors", "AndonWire", "AndonSources",
                "AndonSites", "AndonVision", "AndonInference", "AndonCapture", "UACodec", "UASecurity", "UATransport",
                "UAServer",
                "UAClient",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ], resources: [.copy("Samples"), .copy("API")], swiftSettings: strict),
        .target(
            name: "AndonTesting",
            dependencies: [
                "AndonModel", "AndonSQL", "AndonLedger", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "andon",
            dependencies: [
                "AndonServer", "AndonBackup", "AndonDecide", "AndonModel", "AndonLedger", "AndonConfiguration",
                "AndonTesting",
                "AndonAnnotate", "AndonAudit", "AndonDraw", "AndonTransparency", "AndonIdentity", "AndonSources",
                "AndonVision", "AndonInference", "AndonCapture",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "spc-benchmark", dependencies: ["AndonSPC"], path: "Benchmarks/SPC", swiftSettings: strict),
        .executableTarget(
            name: "annotate-benchmark", dependencies: ["AndonAnnotate", "AndonDraw", "CPixels"],
            path: "Benchmarks/Annotate", exclude: ["peers.py"], swiftSettings: strict),
        .executableTarget(
            name: "vision-benchmark",
            dependencies: [
                "AndonVision", "AndonInference", "AndonCapture", "AndonSources", "AndonConfiguration", "AndonLedger",
                "AndonModel", "AndonTesting", "COnnxRuntime", .product(name: "Logging", package: "swift-log"),
            ], path: "Benchmarks/Vision", exclude: ["models.py", "peers.py", "run", "triton"],
            swiftSettings: strict),
        .executableTarget(
            name: "wear-benchmark", dependencies: ["AndonSPC"], path: "Benchmarks/Wear", exclude: ["public_set.py"],
            swiftSettings: strict),
        .executableTarget(
            name: "uasecurity-benchmark",
            dependencies: [
                "UASecurity", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], path: "Benchmarks/UASecurity", swiftSettings: strict),
        .executableTarget(
            name: "opcua-benchmark",
            dependencies: [
                "UAClient", "UACodec", "UASecurity", "UAServer", "UATransport",
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Benchmarks/OPCUA", exclude: ["peers.py", "run"], swiftSettings: strict),
        .testTarget(
            name: "AndonDrawTests", dependencies: ["AndonDraw"], exclude: ["judge.py"], swiftSettings: strict),
        .testTarget(
            name: "AndonAnnotateTests", dependencies: ["AndonAnnotate", "AndonDraw", "CPixels"],
            exclude: ["Golden/pictures"], swiftSettings: strict),
        .testTarget(
            name: "AndonSPCTests", dependencies: ["AndonSPC"],
            exclude: [
                "reference.py", "reference.json", "forecast_reference.py", "forecast_reference.json",
                "life_reference.py", "life_reference.json",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "backtest-benchmark",
            dependencies: [
                "AndonServer", "AndonDecide", "AndonConfiguration", "AndonLedger", "AndonModel",
                "AndonSQL",
            ], path: "Benchmarks/Backtest", swiftSettings: strict),
        .executableTarget(
            name: "growth-benchmark",
            dependencies: [
                "AndonIntake", "AndonDispatch", "AndonDesk", "AndonClose", "AndonConfiguration", "AndonDecide",
                "AndonLedger", "AndonModel", .product(name: "Logging", package: "swift-log"),
            ], path: "Benchmarks/Growth", exclude: ["run", "measure.py", "multiply.py", "statements.c"],
            swiftSettings: strict),
        .executableTarget(
            name: "floor-benchmark",
            dependencies: [
                "AndonFloor", "AndonLedger", "AndonModel", "AndonSQL",
            ], path: "Benchmarks/Floor", swiftSettings: strict),
        .executableTarget(
            name: "ledger-benchmark",
            dependencies: [
                "AndonLedger", "AndonModel", "AndonTransparency", .product(name: "Crypto", package: "swift-crypto"),
                "AndonSQL",
            ], path: "Benchmarks/Ledger", swiftSettings: strict),
        .testTarget(
            name: "AndonDecideTests",
            dependencies: [
                "AndonDecide", "AndonSPC", "AndonModel", "AndonServer", "AndonIntake", "AndonLedger", "AndonTesting",
            ], swiftSettings: strict),
        .testTarget(
            name: "AndonConfigurationTests",
            dependencies: [
                "AndonConfiguration", "AndonDecide", "AndonIdentity", "AndonModel", "AndonSPC", "AndonTesting",
            ], swiftSettings: strict),
        .target(name: "CSimulatedDisk", dependencies: [.product(name: "GRDBSQLite", package: "GRDB.swift")]),
        .target(
            name: "AndonSimulation",
            dependencies: [
                "CSimulatedDisk", "AndonModel", "AndonSQL", "AndonLedger", "AndonTransparency", "AndonDecide",
                "AndonIntake", "AndonDispatch", "AndonClose", "AndonConnectors", "AndonTesting",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "andon-sim",
            dependencies: [
                "AndonSimulation", "AndonModel", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["AndonSimulation", "AndonModel", "AndonTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "FlowTests",
            dependencies: [
                "andon", "AndonModel", "AndonSPC", "AndonDecide", "AndonConfiguration", "AndonLedger", "AndonIntake",
                "AndonDispatch", "AndonClose", "AndonLearn", "AndonTesting", "AndonConnectors", "AndonWire",
                "AndonSites", "AndonTransparency",
                .product(name: "Logging", package: "swift-log"), "AndonSQL",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "AndonServerTests",
            dependencies: [
                "andon", "AndonServer", "AndonDesk", "AndonConfiguration", "AndonLedger", "AndonModel", "AndonTesting",
                "AndonAudit", "AndonDecide", "AndonTransparency", "AndonIdentity", "AndonIntake", "AndonDraw",
                "AndonFloor", "AndonLearn", "AndonSPC", "AndonWeb", "UASecurity", "AndonSources", "AndonVision",
                "AndonInference", "AndonCapture", "AndonSQL",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .testTarget(
            name: "AndonIdentityTests",
            dependencies: [
                "AndonIdentity", "AndonLedger", "AndonModel", "AndonTransparency", "AndonTesting",
                "AndonSQL", .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
        .testTarget(
            name: "TidyTests", dependencies: ["AndonConfiguration", "AndonConnectors", "AndonModel", "AndonTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "AndonConnectorsTests",
            dependencies: [
                "AndonConnectors", "AndonConfiguration", "AndonLearn", "AndonWire", "AndonTesting", "AndonModel",
                "AndonLedger",
                "AndonIntake", "AndonDispatch", "UASecurity", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["OPCUA/standin.py", "OPCUA/job_control.py", "OPCUA/plain_orders.py"], swiftSettings: strict),
        .testTarget(
            name: "AndonWireTests",
            dependencies: ["AndonWire", "AndonTesting", "AndonModel", "UACodec", "UAModels"], swiftSettings: strict),
        .testTarget(
            name: "AndonModelTests", dependencies: ["AndonModel", "AndonTesting"], swiftSettings: strict),
        .testTarget(
            name: "AndonIntakeTests", dependencies: ["AndonIntake", "AndonLedger", "AndonModel", "AndonTesting"],
            swiftSettings: strict),
        .target(
            name: "AndonFuzz",
            dependencies: [
                "AndonModel", "AndonIntake", "AndonDraw", "AndonAnnotate", "AndonConfiguration", "AndonConnectors",
                "AndonLearn", "AndonTesting", "AndonTransparency", "AndonIdentity", "AndonAudit", "AndonVision",
                "AndonInference", "AndonCapture", "AndonSources", "UACodec", "UATransport", "UAServer", "UASecurity",
                "AndonLedger", "AndonSQL", "AndonBackup",
            ], path: "Fuzz/Targets", swiftSettings: strict),
        .testTarget(name: "AndonFuzzTests", dependencies: ["AndonFuzz", "AndonTesting"], swiftSettings: strict),
        .testTarget(
            name: "UASecurityTests",
            dependencies: ["UASecurity", .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["peer.py", "vectors.json"], swiftSettings: strict),
        .testTarget(
            name: "AndonTransparencyTests",
            dependencies: ["AndonTransparency", "AndonTesting", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .testTarget(
            name: "AndonLedgerTests",
            dependencies: [
                "AndonLedger", "AndonModel", "AndonTransparency", "AndonTesting",
                "AndonSQL", .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["Counterpart"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

if let fuzzLibrary {
    package.targets += [
        .target(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["AndonFuzz", "CFuzzer"], path: "Fuzz/Run", swiftSettings: strict,
            linkerSettings: [.unsafeFlags([fuzzLibrary]), .linkedLibrary("stdc++")]),
    ]
}
