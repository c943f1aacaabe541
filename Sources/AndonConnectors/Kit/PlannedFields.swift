import AndonModel

extension FieldMapping {
    /// Whether a creation puts the planned date into a field of its own, so that it can be moved there.
    ///
    /// - Parameter names: the values that are the planned date in one form or another.
    func plans(by names: Set<String>) -> Bool { !made(of: names).isEmpty }

    /// The fields that hold the planned date alone, filled. A field in which it stands among other words is left as it
    /// is: people may have written there.
    ///
    /// - Throws: `.refused` when there is no date, or no field for it.
    func planned(by names: Set<String>, _ values: [String: String]) throws(ConnectorError) -> [String: JSON] {
        let part = made(of: names)
        guard !part.isEmpty else {
            throw .refused("no field of the mapping holds the planned date alone: it cannot be moved")
        }
        let filled = try part.filled(with: values)
        guard !filled.isEmpty, names.contains(where: { values[$0] != nil }) else {
            throw .refused("the order has no planned date that it could be moved to")
        }
        return filled
    }
}
