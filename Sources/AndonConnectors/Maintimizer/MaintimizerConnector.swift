import AndonModel

/// MaintiMizer (Ashcom Technologies). No interface of it is public: a work request is a file for the site's import, or a
/// mail to the planner. Both are contracts of ours.
public enum MaintimizerConnector {
    public static func make(_ configuration: MaintimizerConfiguration) -> any Connector {
        switch configuration.way {
        case .files: MaintimizerFileConnector(configuration)
        case .mail: MaintimizerMailConnector(configuration)
        }
    }
}
