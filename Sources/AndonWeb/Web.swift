import AndonIdentity
import AndonModel
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// The pages' templates, words and files, read once at the start.
public struct Web: Sendable {
    private let library: MustacheLibrary
    private let texts: [Language: Texts]
    private let assets: [String: Asset]
    /// IANA name of the plant's zone, as it is now.
    private let timeZone: @Sendable () -> String
    private let plantName: @Sendable () -> String

    struct Asset: Sendable {
        var bytes: [UInt8]
        var type: String
        var digest: String
    }

    public init(
        timeZone: @escaping @Sendable () -> String, plantName: @escaping @Sendable () -> String
    ) throws {
        guard let root = Bundle.module.resourcePath else { throw WebError.missing("the program's resources") }
        library = try Self.templates("\(root)/Templates")
        texts = try Language.allCases.reduce(into: [:]) {
            $0[$1] = try Texts(folder: "\(root)/Texts/\($1.rawValue)")
        }
        assets = try Self.files("\(root)/Assets")
        (self.timeZone, self.plantName) = (timeZone, plantName)
    }

    public enum WebError: Error, CustomStringConvertible {
        case missing(String)

        public var description: String {
            switch self {
            case .missing(let what): "\(what) cannot be found: install the program with its folder of resources"
            }
        }
    }

    private static func templates(_ folder: String) throws -> MustacheLibrary {
        MustacheContentTypes.register(MarkupText(), named: MarkupText.name)
        var library = MustacheLibrary()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".mustache") {
            let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            try library.register(MarkupText.pragma + source, named: String(file.dropLast(9)))
        }
        return library
    }

    private static func files(_ folder: String) throws -> [String: Asset] {
        let types = [
            "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
            "webmanifest": "application/manifest+json",
        ]
        var assets: [String: Asset] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            guard let type = types[file.split(separator: ".").last.map(String.init) ?? ""] else { continue }
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
            let digest = SHA256.hash(data: data).prefix(8).map { byte in
                let text = String(byte, radix: 16)
                return text.count < 2 ? "0\(text)" : text
            }
            assets[file] = Asset(bytes: Array(data), type: type, digest: digest.joined())
        }
        return assets
    }

    public func texts(_ language: Language) -> Texts { texts[language] ?? texts[.english] ?? Texts(empty: ()) }

    /// In the plant's time zone.
    public func formats(_ language: Language) -> Formats { Formats(language, timeZone: timeZone()) }

    /// The address of a file of `Assets`, which changes with its content.
    public func address(ofAsset name: String) -> String { "/assets/\(name)?v=\(assets[name]?.digest ?? "none")" }

    // MARK: Pages

    /// A page in the frame.
    ///
    /// - Parameters:
    ///   - template: its file's name in `Templates`, without the ending.
    ///   - values: what the template shows; the texts of all pages are in `t`, as `{{t.PAGE.KEY}}`.
    ///   - title: of the page, in the reader's language.
    ///   - section: of the navigation that it belongs to: `now`, `orders`, `map`, `cameras`, `charts`, `rules`, `learn`,
    ///     `connectors`, `audit`, `desk`, `accounts`; nil for none.
    ///   - scripts: files of `Assets` that the page runs.
    ///   - isBare: without navigation: for a wall screen.
    public func page(
        _ template: String, _ values: [String: Any], title: String, section: String? = nil, scripts: [String] = [],
        isBare: Bool = false, status: HTTPResponse.Status = .ok, _ request: Request, _ context: AppContext
    ) -> Response {
        let html = render(
            template, values, title: title, section: section, scripts: scripts, isBare: isBare, request, context)
        return Self.response(html, status: status)
    }

    /// The text of a page, for who makes the response.
    func render(
        _ template: String, _ values: [String: Any], title: String, section: String?, scripts: [String], isBare: Bool,
        _ request: Request, _ context: AppContext
    ) -> String {
        let texts = texts(context.language)
        var all = values
        all["t"] = texts.pages
        all["frame"] = frame(
            title: title, section: section, scripts: scripts, isBare: isBare, texts, request, context)
        return library.render(all, withTemplate: template) ?? "«\(template)»"
    }

    /// A part of a page, for a script that puts it into one that is open.
    public func fragment(_ template: String, _ values: [String: Any], _ language: Language) -> String {
        var all = values
        all["t"] = texts(language).pages
        return library.render(all, withTemplate: template) ?? "«\(template)»"
    }

    private func frame(
        title: String, section: String?, scripts: [String], isBare: Bool, _ texts: Texts, _ request: Request,
        _ context: AppContext
    ) -> [String: Any] {
        var frame: [String: Any] = [:]
        frame["title"] = title
        frame["language"] = context.language.rawValue
        frame["plant"] = plantName()
        frame["style"] = address(ofAsset: "style.css")
        frame["scripts"] = (["frame.js"] + scripts).map { address(ofAsset: $0) }
        frame["icon"] = address(ofAsset: "icon.svg")
        frame["isBare"] = isBare
        frame["isKnown"] = !context.caller.isStranger
        frame["isPerson"] = context.caller.account != nil
        frame["person"] = context.caller.account.map { "\($0.number)" } ?? (context.caller.isStranger ? "" : "open")
        frame["who"] = context.caller.account?.printedName
        frame["sections"] = Section.all.filter { context.caller.may($0.permission) }.map { entry -> [String: Any] in
            [
                "address": entry.address, "name": texts["frame", entry.name], "isHere": entry.name == section,
            ]
        }
        frame["languages"] = Language.allCases.map { language -> [String: Any] in
            ["code": language.rawValue, "name": language.name, "isHere": language == context.language]
        }
        frame["here"] = request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
        return frame
    }

    /// A problem as a page, for people with a browser.
    public func problem(_ problem: Problem, _ request: Request, _ context: AppContext) -> Response {
        let values: [String: Any] = [
            "status": problem.status, "problemTitle": problem.title, "detail": problem.detail,
            "errors": problem.errors.map { ["pointer": $0.pointer, "detail": $0.detail] },
            "isStranger": context.caller.isStranger,
        ]
        return page(
            "problem", values, title: problem.title, status: .init(code: problem.status), request, context)
    }

    private static let policy =
        "default-src 'none'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// A page for people: nothing in it comes from elsewhere, and no other page may hold it.
    public static func response(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: policy,
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    // MARK: Files

    /// A file of `Assets`, for an address of its own.
    ///
    /// - Throws: ``Problem`` 404.
    public func file(_ name: String) throws -> Response {
        guard let asset = assets[name] else {
            throw Problem(
                status: 404, type: "not-found", title: "Not found", detail: "There is no file \(name.prefix(80)).")
        }
        let headers: HTTPFields = [
            .contentType: asset.type, .cacheControl: "public, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff", .eTag: "\"\(asset.digest)\"",
        ]
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    /// Style sheets, scripts and pictures: kept by browsers for good, as their address changes with them.
    public func addAssets(to router: Router<AppContext>) {
        router.get("/assets/:name") { _, context in try file(context.parameters.require("name")) }
    }
}

extension Texts {
    /// No words at all.
    fileprivate init(empty: ()) { pages = [:] }
}

/// A part of the application, as the navigation shows it.
struct Section: Sendable {
    var name: String
    var address: String
    var permission: Permission

    static let all = [
        Section(name: "now", address: "/now", permission: .read),
        Section(name: "orders", address: "/orders", permission: .read),
        Section(name: "desk", address: "/desk", permission: .work),
        Section(name: "map", address: "/map", permission: .read),
        Section(name: "cameras", address: "/cameras", permission: .read),
        Section(name: "charts", address: "/charts", permission: .read),
        Section(name: "rules", address: "/rules", permission: .read),
        Section(name: "learn", address: "/learn", permission: .read),
        Section(name: "connectors", address: "/connectors", permission: .read),
        Section(name: "audit", address: "/audit", permission: .audit),
        Section(name: "accounts", address: "/accounts", permission: .audit),
    ]
}
