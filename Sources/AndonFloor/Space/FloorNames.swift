import AndonLedger
import AndonModel

/// The names of nodes. They are stable: the same thing has the same NodeId for ever, wherever it stands in the plant's
/// hierarchy and whatever else there is, so that a SCADA's tags need no repair.
public enum FloorNames {
    /// The namespace of everything that Andon shows.
    public static let namespace = "urn:andon:plant"

    static let root = "Andon"
    static let assets = "Assets"
    static let connectors = "Connectors"
    static let charts = "Charts"
    static let totals = "Totals"
    static let orders = "WorkOrders"

    static func asset(_ id: String) -> String { "Assets.\(part(id))" }
    static func connector(_ name: String) -> String { "Connectors.\(part(name))" }
    static func site(_ name: String) -> String { "Sites.\(part(name))" }
    static func line(_ name: String) -> String { "Lines.\(part(name))" }
    static func station(_ name: String, line: String?) -> String { "Stations.\(part(line ?? "")).\(part(name))" }
    /// A place in the list of open orders, from 1.
    static func order(_ place: Int) -> String { "WorkOrders.\(place < 10 ? "0" : "")\(place)" }

    /// A stream of one asset is told by its chart alone where nothing else tells it apart.
    static func stream(_ key: StreamKey, asset: String?) -> String {
        "\(asset.map { Self.asset($0) + ".Spc" } ?? charts).\(part(streamName(key, asset: asset)))"
    }

    static func streamName(_ key: StreamKey, asset: String?) -> String {
        let tells = key.stratum.isEmpty || asset.map { key.stratum == "asset=\($0)" } ?? false
        return tells ? key.chart : "\(key.chart) (\(key.stratum))"
    }

    /// A name as one part of a NodeId: the point that parts have between them, and the percent sign, are escaped.
    static func part(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing(".", with: "%2E")
    }
}
