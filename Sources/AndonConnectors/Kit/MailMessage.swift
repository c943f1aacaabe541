import AndonModel
import Foundation

/// A message with a text and pictures (RFC 5322, RFC 2045 and 2046).
struct MailMessage {
    var from: String
    var to: [String]
    var subject: String
    /// Left and right of the `@`: the same for each attempt, so that a mail system may drop doubles.
    var id: String
    var date: Timestamp
    var text: String
    var files: [File] = []

    struct File {
        var name: String
        var type: String
        var path: String
        var bytes: Int
    }

    var body: WireRequest.Body {
        // An underscore is no character of base64: the line cannot stand within a part.
        let boundary = "_andon_\(id.prefix { $0 != "@" })_"
        let head = """
            From: \(from)
            To: \(to.joined(separator: ", "))
            Subject: \(Self.header(subject))
            Date: \(Self.date(date))
            Message-ID: <\(id)>
            MIME-Version: 1.0
            Auto-Submitted: auto-generated
            Content-Type: multipart/mixed; boundary="\(boundary)"

            --\(boundary)
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64


            """
        let options: Data.Base64EncodingOptions = [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ]
        let plain = text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        var parts: [WireRequest.Part] = [
            Self.lines(head), .bytes(Array(Data(plain.utf8).base64EncodedData(options: options))),
        ]
        for file in files {
            let name = file.name.filter { $0.isASCII && $0 != "\"" && !$0.isNewline }
            parts += [
                Self.lines(
                    """

                    --\(boundary)
                    Content-Type: \(file.type); name="\(name)"
                    Content-Transfer-Encoding: base64
                    Content-Disposition: attachment; filename="\(name)"


                    """), .base64(path: file.path, bytes: file.bytes),
            ]
        }
        return .parts(parts + [Self.lines("\n--\(boundary)--\n")])
    }

    private static func lines(_ text: String) -> WireRequest.Part {
        .bytes(Array(text.replacing("\n", with: "\r\n").utf8))
    }

    /// A header's text: as it is in ASCII, else in encoded words of at most 75 characters (RFC 2047 section 2).
    static func header(_ text: String) -> String {
        let line = text.asOneLine
        guard line.contains(where: { !$0.isASCII }) || line.utf8.count > 900 || line.contains("=?") else { return line }
        var words: [String] = []
        var word = ""
        for character in line {
            if (word + String(character)).utf8.count > 45 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        return (words + [word]).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\n ")
    }

    /// `Mon, 23 Nov 2026 21:09:00 +0000` (RFC 5322 section 3.3).
    static func date(_ time: Timestamp) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday],
            from: Date(timeIntervalSince1970: Double(time.microseconds) / 1e6))
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let year = parts.year, let month = parts.month, let day = parts.day, let hour = parts.hour,
            let minute = parts.minute, let second = parts.second, let weekday = parts.weekday
        else { return "" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return
            "\(days[weekday - 1]), \(day) \(months[month - 1]) \(year) \(two(hour)):\(two(minute)):\(two(second)) +0000"
    }
}

/// A mail relay inside the plant, and whose box orders go to.
struct MailRelay: Sendable {
    enum Security: String, CaseIterable, Sendable {
        case starttls, tls, none
    }

    let url: String
    let security: Security
    let user: String?
    let password: Secret
    let from: String
    let to: [String]

    /// - Parameter isRequired: else the options may be left out, and are checked all the same when they are there.
    init(reading reader: SettingsReader, isRequired: Bool) {
        func text(_ key: String) -> String { isRequired ? reader.requiredText(key) : reader.text(key, default: "") }
        let server = text("mailServer")
        security = reader.choice("mailSecurity", default: .starttls)
        url = "\(security == .tls ? "smtps" : "smtp")://\(server)"
        user = reader.text("mailUser")
        password = reader.secret("mailPassword") ?? Secret("")
        from = text("mailFrom")
        to = text("mailTo").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        if !server.isEmpty, URLComponents(string: url)?.host?.isEmpty != false || server.contains("/") {
            reader.faults.add(
                "should be a host with or without a port, like relay.plant.example:25",
                at: reader.raw("mailServer") ?? reader.node)
        }
        for (key, addresses) in [("mailFrom", from.isEmpty ? [] : [from]), ("mailTo", to)]
        where !addresses.allSatisfy(Self.isAddress) {
            reader.faults.add("should be an address like planner@plant.example", at: reader.raw(key) ?? reader.node)
        }
        if user != nil, security == .none {
            reader.faults.add(
                "would send the password for all to read; set mailSecurity to starttls or tls, or leave mailUser out",
                at: reader.raw("mailUser") ?? reader.node)
        }
    }

    /// Safe in the envelope and in a header: no blank, bracket or control character.
    static func isAddress(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z0-9.!#$%&'*+\/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}/) != nil
    }

    /// Nothing is sent: shows that the relay is there and takes the sign-in.
    func greet(over wire: any Wire) async throws(ConnectorError) {
        try await exchange("GREET", .none, over: wire)
    }

    /// - Throws: `.busy` for the relay's 4xx, `.refused` for its 5xx, `.unauthorized` when it refuses the sign-in. An
    ///   answer that is lost is `.answerLost`.
    func send(_ message: MailMessage, over wire: any Wire) async throws(ConnectorError) {
        try await exchange("SEND", message.body, over: wire)
    }

    private func exchange(
        _ method: String, _ body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) {
        let request = WireRequest(
            method, url,
            headers: [
                .init("from", from), .init("to", to.joined(separator: ",")), .init("user", user ?? ""),
                .init("password", password.reveal()), .init("security", security.rawValue),
            ], body: body)
        let answer: WireResponse
        do {
            answer = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        let words = String(decoding: answer.body, as: UTF8.self).asOneLine
        switch answer.status {
        case 200..<300: return
        // RFC 4954 sections 4 and 6.
        case 454, 530, 534, 535, 538: throw .unauthorized("the relay refuses the sign-in: \(words)")
        case 400..<500: throw .busy(after: nil, "the relay takes nothing at the moment: \(words)")
        default: throw .refused("the relay refuses the message: \(words)")
        }
    }
}
