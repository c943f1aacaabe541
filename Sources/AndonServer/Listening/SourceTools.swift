import AndonConfiguration
import AndonModel
import AndonSources
import Logging

/// What a person asks of a source beside the flow.
public enum SourceTools {
    /// Looks at the vision system and shows what the mapping makes of its latest or next result, or at a camera's next frame
    /// and shows what would be reported of it; nothing is taken in.
    ///
    /// - Parameters:
    ///   - event: what a system would send, where it is one that sends.
    ///   - say: called with each line as it is known.
    /// - Returns: whether a report could be made; nil for a source that the configuration does not have.
    public static func check(
        _ name: String, in configuration: Configuration, event: [UInt8]? = nil, wait: Duration, time: any TimeSource,
        random: any RandomSource, say: @Sendable (SourceCheck.Line) -> Void
    ) async throws -> Bool? {
        guard let entry = configuration.sources.first(where: { $0.name == name }) else { return nil }
        if entry.type == SourceKeeping.eventsType {
            return EventCheck(name: name, settings: SourceKeeping.eventsSettings(entry), now: time.now()).run(
                event, say)
        }
        let network = Network(configuration, time: time)
        var logger = Logger(label: "andon")
        logger.logLevel = .error
        let isGood: Bool
        if entry.type == CameraKeeping.type {
            let settings = CameraKeeping.settings(entry)
            let environment = CameraKeeping.environment(
                CameraKeeping.house(configuration, network), configuration.intake, time: time, random: random,
                logger: logger)
            isGood = await CameraCheck(
                name: name, settings: settings, source: CameraKeeping.feed(name, settings, network, random),
                environment: environment, wait: wait
            ).run(say)
        } else {
            let environment = try await SourceKeeping.environment(
                configuration, network: network, random: random, logger: logger)
            isGood = await SourceCheck(
                name: name, settings: SourceKeeping.settings(entry), environment: environment, wait: wait
            ).run(say)
        }
        await network.close()
        return isGood
    }
}
