import AndonModel

/// A kind of CMMS that the configuration can name as a connector's `type`.
public struct ConnectorType: Sendable {
    /// As the configuration has it, for example `maximo`.
    public var name: String
    /// Reads the connector's own options, notes their faults, and makes the connector. What it makes when there
    /// were faults is not used.
    public var make: @Sendable (SettingsReader) -> any Connector

    public init(_ name: String, make: @escaping @Sendable (SettingsReader) -> any Connector) {
        self.name = name
        self.make = make
    }

    /// All that speak to a CMMS over the network. A new connector is a folder beside this file and a line here.
    public static let all: [ConnectorType] = [
        ConnectorType("emaint") { EMaintConnector(EMaintConfiguration(reading: $0)) },
        ConnectorType("fiix") { FiixConnector(FiixConfiguration(reading: $0)) },
        ConnectorType("fusion") { FusionConnector(FusionConfiguration(reading: $0)) },
        ConnectorType("infor") { InforConnector(InforConfiguration(reading: $0)) },
        ConnectorType("limble") { LimbleConnector(LimbleConfiguration(reading: $0)) },
        ConnectorType("maintimizer") { MaintimizerConnector.make(MaintimizerConfiguration(reading: $0)) },
        ConnectorType("maximo") { MaximoConnector(MaximoConfiguration(reading: $0)) },
        ConnectorType("mp2") { MP2Connector.make(MP2Configuration(reading: $0)) },
        ConnectorType("opcua") { OPCUAConnector.make(OPCUAConfiguration(reading: $0)) },
        ConnectorType("rest") { RESTConnector(RESTConfiguration(reading: $0)) },
        ConnectorType("sap") { SAPConnector(SAPConfiguration(reading: $0)) },
        ConnectorType("sap-ecc") { ECCConnector(ECCConfiguration(reading: $0)) },
    ]
}
