extension Plant {
    /// Names of what stands below `name` in the hierarchy of site, line, asset and sub-asset, itself among them.
    ///
    /// A line has the assets that name it, those whose camera's zone does where they name none themselves, and what such
    /// cameras report without an asset. Below an asset is what names it as its parent. Circles of parents do no harm.
    ///
    /// - Returns: nil for the site, which has everything, the assets among it that this plant does not know.
    public func names(below name: String) -> Set<String>? {
        guard name != site else { return nil }
        let below = directlyBelow
        var found: Set<String> = [name]
        var open = [name]
        while let next = open.popLast() {
            for child in below[next] ?? [] where found.insert(child).inserted { open.append(child) }
        }
        return found
    }

    private var directlyBelow: [String: Set<String>] {
        var below: [String: Set<String>] = [:]
        for asset in assets.values {
            for above in [asset.parent, asset.line].compactMap({ $0 }) { below[above, default: []].insert(asset.id) }
        }
        for camera in cameras.values {
            let name = camera.asset ?? "unmapped:\(camera.id)"
            guard assets[name]?.line == nil, let line = camera.zone.flatMap({ zones[$0]?.line }) else { continue }
            below[line, default: []].insert(name)
        }
        return below
    }
}
