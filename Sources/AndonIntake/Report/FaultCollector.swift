import AndonModel

/// Every fault of one document, collected in one pass: a person mends them all at once.
///
/// Bounded: beyond `faultsMax` faults are counted and no longer described, so that a hostile document cannot make
/// a long answer.
final class FaultCollector {
    private(set) var faults: [Problem.Fault] = []
    private var omitted = 0
    private let faultsMax: Int

    init(faultsMax: Int) {
        self.faultsMax = faultsMax
    }

    func add(_ pointer: @autoclosure () -> String, _ detail: @autoclosure () -> String) {
        guard faults.count < faultsMax else {
            omitted += 1
            return
        }
        faults.append(Problem.Fault(pointer: pointer(), detail: detail()))
    }

    /// The refusal, or nil when there is no fault.
    func problem(type: String, title: String) -> Problem? {
        guard let first = faults.first else { return nil }
        let count = faults.count + omitted
        let place = first.pointer.isEmpty ? "the document" : first.pointer
        let more = count == 1 ? "" : " (the first of \(count) faults)"
        let listed = omitted == 0 ? "" : " Only the first \(faults.count) faults are listed."
        return Problem(
            status: 422, type: type, title: title,
            detail: "In \(place): \(first.detail)\(more). Mend it and send the whole again." + listed, errors: faults)
    }
}

extension String {
    /// The text as it may stand in an error message: at most 40 characters, in quotes, nothing invisible.
    var quotedShort: String {
        var shown = "\""
        for scalar in unicodeScalars.prefix(40) {
            shown.unicodeScalars.append(scalar.isShowable ? scalar : "\u{FFFD}")
        }
        return shown + (unicodeScalars.dropFirst(40).isEmpty ? "\"" : "…\"")
    }
}

extension Unicode.Scalar {
    /// False for controls, line and paragraph separators, and invisible format characters (which can turn the
    /// direction of the text around them). The two joiners are letters' business in several scripts and pass.
    var isShowable: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return false
        case .format: return value == 0x200C || value == 0x200D
        default: return true
        }
    }
}
