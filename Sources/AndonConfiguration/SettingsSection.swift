import AndonModel
import Crypto

/// A section of the configuration that stands in the place of the file's own.
public struct SettingsSection: Sendable, Equatable {
    /// The way to it from the root, such as `rules` or `plant.zones`.
    public var name: String
    /// What stands there, as `Settings.document` has it. Null is an empty section.
    public var document: JSON

    public init(name: String, document: JSON) { (self.name, self.document) = (name, document) }

    /// What faults call a section that people changed, in the place of a file's name.
    public static func label(_ name: String) -> String { "\(name), as changed in the interface" }

    static func pointer(_ name: String) -> String { "/" + name.replacing(".", with: "/") }
}

extension Configuration {
    /// A section as it is in force; nil where neither the file nor anybody says anything.
    public func section(_ name: String) -> JSON? { document.value(at: SettingsSection.pointer(name)) }

    /// SHA-256 of what a file says in a section, hexadecimal: blanks, comments and quotes make no difference.
    ///
    /// - Parameter settings: of the file, as `Configuration.settings` has them.
    public static func digest(of name: String, in settings: JSON) -> String {
        let section = settings.value(at: SettingsSection.pointer(name)) ?? .null
        return SHA256.hash(data: section.canonicalBytes).hexadecimal
    }
}

extension Settings {
    /// The tree with a section in the place of its own. Where its way leads through what is no section, the tree stays
    /// as it is: that has a fault of its own.
    func replacing(_ section: SettingsSection) -> Settings {
        replacing(
            section.name.split(separator: ".")[...],
            with: Settings(document: section.document, file: SettingsSection.label(section.name)))
    }

    private func replacing(_ way: ArraySlice<Substring>, with new: Settings) -> Settings {
        guard let name = way.first.map(String.init) else { return new }
        var entries: [Entry]
        switch value {
        case .map(let found): entries = found
        case .null: entries = []
        case .list, .scalar: return self
        }
        if let place = entries.firstIndex(where: { $0.key == name }) {
            entries[place].value = entries[place].value.replacing(way.dropFirst(), with: new)
        } else {
            let empty = Settings(.null, line: line, column: column, path: path.isEmpty ? name : "\(path).\(name)")
            entries.append(
                Entry(key: name, keyLine: line, keyColumn: column, value: empty.replacing(way.dropFirst(), with: new)))
        }
        var copy = self
        copy.value = .map(entries)
        return copy
    }
}
