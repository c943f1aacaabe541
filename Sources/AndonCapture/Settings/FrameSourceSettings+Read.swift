import AndonModel

extension FrameSourceSettings {
    /// `from:` in the configuration.
    enum Kind: String, CaseIterable { case rtsp, usb, file, mjpeg, folder, played, push, genicam }

    /// Reads the section `capture`; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        if reader.raw("from") == nil { reader.missing("from") }
        switch reader.choice("from", default: Kind.push) {
        case .rtsp:
            let (url, password) = Self.address(reader, "rtsp://camera-7.plant.example:554/stream1", ["rtsp", "rtsps"])
            self = .stream(.rtsp(url: url, password: password), Self.options(reader))
        case .mjpeg:
            let (url, password) = Self.address(reader, "http://camera-7.plant.example/mjpeg", ["http", "https"])
            self = .stream(.mjpeg(url: url, password: password), Self.options(reader))
        case .usb:
            let (device, format) = (reader.text("device", default: "/dev/video0"), reader.text("format"))
            self = .stream(.usb(device: device, format: format), Self.options(reader))
        case .file:
            let path = reader.requiredText("path")
            let (isPaced, isLooped) = (reader.bool("paced", default: true), reader.bool("loop", default: false))
            self = .stream(.file(path: path, isPaced: isPaced, isLooped: isLooped), Self.options(reader))
        case .genicam: self = .genicam(camera: reader.text("camera"), Self.options(reader))
        case .folder: self = .folder(FolderSource.Settings(reading: reader))
        case .played: self = .played(PlayedFolder.Settings(reading: reader))
        case .push: self = .push(bytesMax: Self.bytesMax(reader))
        }
        reader.finish()
    }

    /// A password is never in the address: the file is copied, mailed and put under version control.
    private static func address(
        _ reader: SettingsReader, _ example: String, _ schemes: [String]
    ) -> (url: String, password: String?) {
        let url = reader.requiredText("url")
        let password = reader.secret("password")
        guard !url.isEmpty, let node = reader.raw("url") else { return (url, nil) }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard schemes.contains(scheme), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), host(of: url) != nil else {
            reader.faults.add("should be an address like \(example)", at: node)
            return (url, nil)
        }
        let authority = url.dropFirst(scheme.utf8.count + 3).prefix { !"/?#".contains($0) }
        let user = authority.lastIndex(of: "@").map { authority[..<$0] }
        if user?.contains(":") == true {
            reader.faults.add(
                "has a password in it; leave the user, and give password: { env: NAME } or { file: PATH }", at: node)
        } else if password != nil, user == nil {
            reader.faults.add("a password needs a user: \(schemes[0])://USER@HOST/...", at: node)
        }
        return (url, password?.reveal())
    }

    private static func options(_ reader: SettingsReader) -> FFmpegSource.Options {
        var options = FFmpegSource.Options()
        options.framesPerSecond = reader.number("framesPerSecond", in: 0.01...1000)
        options.keyFramesOnly = reader.bool("keyFramesOnly", default: options.keyFramesOnly)
        options.quality = reader.integer("quality", in: 2...31) ?? options.quality
        options.stallAfter = reader.duration("stallAfter", in: .seconds(1) ... .seconds(3600)) ?? options.stallAfter
        options.program = reader.text("program", default: options.program)
        options.bytesMax = bytesMax(reader)
        return options
    }

    fileprivate static func bytesMax(_ reader: SettingsReader) -> Int {
        reader.byteCount("bytesMax", in: 10_000...200_000_000) ?? 20_000_000
    }
}

extension FolderSource.Settings {
    init(reading reader: SettingsReader) {
        self.init(path: reader.requiredText("path"))
        afterwards = reader.choice("afterwards", default: afterwards)
        sidecar = reader.choice("sidecar", default: sidecar)
        clock = reader.choice("clock", default: clock)
        stableFor = reader.duration("stableFor", in: .milliseconds(10) ... .seconds(600)) ?? stableFor
        sweepEvery = reader.duration("sweepEvery", in: .milliseconds(50) ... .seconds(3600)) ?? sweepEvery
        bytesMax = FrameSourceSettings.bytesMax(reader)
    }
}

extension PlayedFolder.Settings {
    init(reading reader: SettingsReader) {
        self.init(path: reader.requiredText("path"))
        framesPerSecond = reader.number("framesPerSecond", in: 0.01...1000) ?? framesPerSecond
        order = reader.choice("order", default: order)
        seed = reader.integer("seed", in: 0...Int(Int32.max)).map(UInt64.init) ?? seed
        isLooped = reader.bool("loop", default: isLooped)
        bytesMax = FrameSourceSettings.bytesMax(reader)
    }
}
