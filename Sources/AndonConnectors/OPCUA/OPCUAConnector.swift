import AndonModel

/// A system that takes orders over OPC UA, in one of three forms.
public enum OPCUAConnector {
    public static func make(_ configuration: OPCUAConfiguration) -> any Connector {
        if let options = configuration.jobControl {
            return JobControlConnector(options, server: configuration.server, states: configuration.states)
        }
        if let options = configuration.variables {
            return HandshakeConnector(options, server: configuration.server, following: configuration.following)
        }
        return MethodConnector(
            configuration.method ?? MethodOptions(), server: configuration.server, following: configuration.following)
    }
}
