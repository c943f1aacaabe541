/// What the fields of a known system are called, so that a mapping need not say it.
struct MappingDefaults: Sendable {
    /// Nil where the mapping has to say it.
    var camera: String?
    var detectedAt: String
    var detectedAtUnit = TimeForm.Unit.text
    var unit: String?
    var model: String?
    var modelVersion: String?
    var decode: [FieldDecoding] = []
    var good: (place: String, values: Set<String>)?
    var defects: String?
    var defect = DefectDefaults()
    var attributes: [String: String] = [:]
}

/// The same of one defect.
struct DefectDefaults: Sendable {
    /// Nil where the mapping has to say it.
    var defectClass: String?
    var confidence: String?
    var severity: String?
    var severities: [String: String] = [:]
    var box: BoxMapping?
    var polygon: String?
    var mask: String?
    var attributes: [String: String] = [:]
}
