import AndonTesting
import Foundation

/// A browser as far as pages and cookies go: curl with a jar of its own. It follows no redirect by itself.
struct Browser {
    struct Page {
        var status: Int
        /// Where it is sent on to; empty for nowhere.
        var location: String
        var text: String
    }

    let jar: String
    var address: String
    var language = "en"

    init(_ address: String, _ folder: TemporaryFolder, name: String = "jar") {
        (self.address, jar) = (address, "\(folder.path)/\(name)")
    }

    /// - Parameter path: below the address; a whole address goes as it is.
    func get(_ path: String) async throws -> Page { try await send([], path) }

    /// A form of the set-up.
    func post(_ path: String, _ fields: [String: String], file: (name: String, path: String)? = nil) async throws
        -> Page
    {
        var words: [String] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { words += ["--form-string", "\(name)=\(value)"] }
        if let file { words += ["-F", "\(file.name)=@\(file.path);type=text/csv"] }
        return try await send(words, path)
    }

    /// A plain form.
    func submit(_ path: String, _ fields: [String: String]) async throws -> Page {
        var words: [String] = []
        for (name, value) in fields { words += ["--data-urlencode", "\(name)=\(value)"] }
        return try await send(words, path)
    }

    private func send(_ words: [String], _ path: String) async throws -> Page {
        let mark = "\n--andon-browser--\n"
        let common = [
            "curl", "-s", "--max-time", "120", "-b", jar, "-c", jar, "-H", "Accept: text/html", "-H",
            "Accept-Language: \(language)", "-w", "\(mark)%{http_code}\n%{redirect_url}",
        ]
        let whole = path.hasPrefix("http") ? path : address + path
        let run = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), common + words + [whole])
        let parts = run.output.components(separatedBy: mark)
        let lines = (parts.last ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return Page(
            status: lines.first.flatMap { Int($0) } ?? 0, location: lines.count > 1 ? lines[1] : "",
            text: parts.first ?? "")
    }
}
