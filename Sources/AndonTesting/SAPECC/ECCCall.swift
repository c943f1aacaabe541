import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A call of a function as it stands in a SOAP message.
struct ECCCall {
    var function: String
    var values: [String: String] = [:]
    var structures: [String: [String: String]] = [:]
    var tables: [String: [[String: String]]] = [:]

    /// Nil when the message is not a call in the namespace of SAP's functions.
    init?(_ request: StandInRequest) {
        // The platform gives no error for an empty document, it ends the process.
        guard !request.body.isEmpty, let document = try? XMLDocument(data: Data(request.body), options: []),
            let root = document.rootElement(), root.localName == "Envelope",
            root.uri == "http://schemas.xmlsoap.org/soap/envelope/",
            let call = Self.elements(root).first(where: { $0.localName == "Body" }).flatMap({ Self.elements($0).first }
            ),
            call.uri == "urn:sap-com:document:sap:rfc:functions", let name = call.localName
        else { return nil }
        function = name
        // Tables of these functions are known by their names: an empty one looks like an empty value.
        for element in Self.elements(call) {
            guard let name = element.localName else { continue }
            let children = Self.elements(element)
            if Self.tableNames.contains(name) {
                tables[name] = children.filter { $0.localName == "item" }.map(Self.members)
            } else if children.isEmpty, !Self.structureNames.contains(name) {
                values[name] = element.stringValue ?? ""
            } else {
                structures[name] = Self.members(element)
            }
        }
    }

    private static let tableNames: Set<String> = [
        "LONGTEXTS", "NOTITEM", "NOTIFCAUS", "NOTIFACTV", "RETURN", "OPTIONS", "FIELDS", "DATA",
    ]

    private static let structureNames: Set<String> = ["NOTIFHEADER", "NOTIFHEADER_X", "SYSTSTAT"]

    private static func elements(_ node: XMLElement) -> [XMLElement] {
        (node.children ?? []).compactMap { $0 as? XMLElement }
    }

    private static func members(_ element: XMLElement) -> [String: String] {
        elements(element).reduce(into: [:]) { $0[$1.localName ?? ""] = $1.stringValue ?? "" }
    }
}

/// Answers as the node gives them.
enum ECCAnswer {
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    static func members(_ row: [String: String]) -> String {
        row.sorted { $0.key < $1.key }.map { "<\($0.key)>\(escaped($0.value))</\($0.key)>" }.joined()
    }

    static func table(_ name: String, _ rows: [[String: String]]) -> String {
        "<\(name)>" + rows.map { "<item>\(members($0))</item>" }.joined() + "</\(name)>"
    }

    static func message(_ type: String, _ id: String, _ number: String, _ text: String) -> [String: String] {
        ["TYPE": type, "ID": id, "NUMBER": number, "MESSAGE": text, "MESSAGE_V1": ""]
    }

    static func ok(_ function: String, _ inner: String, cookie: String?) -> StandInAnswer {
        let text =
            "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>"
            + "<urn:\(function).Response xmlns:urn=\"urn:sap-com:document:sap:rfc:functions\">\(inner)"
            + "</urn:\(function).Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        let cookies = cookie.map { [("set-cookie", "sap-contextid=\($0); path=/sap/bc/soap")] } ?? []
        return .answer(status: 200, headers: [("content-type", "text/xml")] + cookies, body: Array(text.utf8))
    }

    static func fault(_ name: String, _ words: String) -> StandInAnswer {
        let text =
            "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>"
            + "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>\(escaped(words))</faultstring>"
            + "<detail><rfc:Error xmlns:rfc=\"urn:sap-com:document:sap:rfc:functions\"><Name>\(name)</Name></rfc:Error>"
            + "</detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        return .answer(status: 500, headers: [("content-type", "text/xml")], body: Array(text.utf8))
    }
}
