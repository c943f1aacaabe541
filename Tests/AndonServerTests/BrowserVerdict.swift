import AndonTesting
import Foundation

/// What the page of a package says of it in Chromium.
enum BrowserVerdict {
    /// It says what it found on its console, and is ended then.
    private static let browse = """
        dir=$(mktemp -d)
        exec 3< <(exec chromium --headless --no-sandbox --disable-gpu --remote-debugging-port=0 \
            --user-data-dir="$dir" --enable-logging=stderr "file://$1" 2>&1)
        browser=$!
        timeout 100 grep -m1 VERDICT <&3
        kill -9 "$browser"
        rm -rf "$dir"
        """

    private static var page: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/AndonAudit/Verifiers/verify.html")
    }

    /// - Parameter keys: as a person types them into the page.
    static func of(_ path: String, keys: String) async throws -> String {
        let folder = try TemporaryFolder()
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let script = """
            <script>(async () => { const raw = Uint8Array.from(atob("\(data.base64EncodedString())"), c => c.charCodeAt(0));
            let words; try { words = await check(new File([raw], "p.zip"), "\(keys)", () => {}); }
            catch (error) { words = "NOT right: " + error.message; }
            console.log("VERDICT " + words); })();</script></body>
            """
        let file = folder.path + "/page.html"
        try String(contentsOf: page, encoding: .utf8).replacing("</body>", with: script)
            .write(toFile: file, atomically: true, encoding: .utf8)
        return try await runProgram(URL(fileURLWithPath: "/bin/bash"), ["-c", browse, "bash", file]).output
    }
}
