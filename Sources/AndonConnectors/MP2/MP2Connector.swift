import AndonModel

/// MP2 (Datastream, later Infor). It has no interface for programs: an order is rows in its tables, or a file for a job
/// of the site's.
public enum MP2Connector {
    public static func make(_ configuration: MP2Configuration) -> any Connector {
        switch configuration.way {
        case .orders: MP2OrderConnector(configuration)
        case .requests: MP2RequestConnector(configuration)
        case .folder: MP2DropConnector(configuration)
        }
    }
}
