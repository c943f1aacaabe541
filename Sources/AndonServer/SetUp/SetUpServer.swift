import AndonConfiguration
import AndonModel
import AndonWeb
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Serves the set-up of a first start, until there is a configuration.
public struct SetUpServer: Sendable {
    private let config: String
    private let host: String
    private let port: Int
    private let dataFolder: String
    private let time: any TimeSource
    private let random: any RandomSource
    private let logger: Logger

    /// - Parameters:
    ///   - config: the configuration file that is not there yet.
    ///   - port: 0 takes a free one.
    ///   - dataFolder: what the form proposes.
    public init(
        config: String, host: String, port: Int, dataFolder: String, time: any TimeSource, random: any RandomSource,
        logger: Logger
    ) {
        self.config = config
        (self.host, self.port, self.dataFolder) = (host, port, dataFolder)
        (self.time, self.random, self.logger) = (time, random, logger)
    }

    /// Prints the link, and serves its pages until the configuration is written.
    ///
    /// - Parameter adjust: what the command line says beside the file.
    /// - Returns: the configuration to go on with; nil when the set-up was ended before.
    public func run(
        adjust: @escaping @Sendable (Configuration) -> Configuration
    ) async throws -> Configuration? {
        let (finished, finish) = AsyncStream<Configuration>.makeStream()
        let gate = SetUpGate(time: time, random: random, logger: logger)
        let app = try application(gate, code: await gate.open()) { routes in
            SetUpRoutes(desk: routes.desk, gate: gate, web: routes.web, adjust: adjust, goOn: { finish.yield($0) })
        }
        let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
        return try await withThrowingTaskGroup(of: Configuration?.self) { tasks in
            tasks.addTask {
                try await group.run()
                finish.finish()
                return nil
            }
            tasks.addTask {
                var made: Configuration?
                for await configuration in finished {
                    made = configuration
                    await group.triggerGracefulShutdown()
                }
                return made
            }
            var made: Configuration?
            for try await result in tasks { made = result ?? made }
            return made
        }
    }

    private func application(
        _ gate: SetUpGate, code: String, _ routes: (_ parts: (desk: SetUpDesk, web: Web)) -> SetUpRoutes
    ) throws -> some ApplicationProtocol {
        let desk = try SetUpDesk(
            config: config, start: start, dataFolder: dataFolder, time: time, random: random, logger: logger)
        let web = try Web(timeZone: { SetUp.timeZone }, plantName: { "" })
        let router = Router(context: AppContext.self)
        router.addMiddleware {
            ProblemMiddleware(web: web)
            SetUpMiddleware(gate: gate)
        }
        web.addAssets(to: router)
        routes((desk, web)).add(to: router)
        let limits = SlowRequestGuard.Limits(head: .seconds(10), body: .seconds(60), idle: .seconds(75))
        let (host, config) = (host, config)
        return Application(
            router: router, server: .guarded(limits, nil),
            configuration: .init(address: .hostname(host, port: port), serverName: "andon"),
            onServerRunning: { channel in
                Self.say(config, host: host, port: channel.localAddress?.port ?? 0, code: code)
            },
            logger: logger)
    }

    /// What stands in the fields at first.
    private var start: [String: String] {
        [
            SetUpForm.Field.listen: "\(host.contains(":") ? "[\(host)]" : host):\(port == 0 ? 8080 : port)",
            SetUpForm.Field.dataFolder: dataFolder, SetUpForm.Field.timeZone: SetUp.timeZone,
            SetUpForm.Field.minConfidence: SetUpAnswers().minConfidence,
            SetUpForm.Field.minSeverity: SetUpAnswers().minSeverity,
        ]
    }

    private static func say(_ config: String, host: String, port: Int, code: String) {
        let isAny = ["0.0.0.0", "::"].contains(host)
        let shown = isAny ? ProcessInfo.processInfo.hostName : host.contains(":") ? "[\(host)]" : host
        let text = """
            There is no \(config) yet. This link sets the server up; it is good once, for one browser:
            http://\(shown):\(port)/set-up?code=\(code)

            """
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
