import AndonIdentity
import AndonModel
import AndonWeb

/// Who does something, as the ledger says it. There is one rule for it, ``Caller/person(typed:)``, and every route asks
/// it.
extension AppContext {
    /// The person who answers for a request of a program, with `by` as it may name one; nil where nobody is known.
    func person(_ body: JSON) -> String? { caller.person(typed: body["by"]?.string) }

    /// Where a step may be a machine's own; on an open server on which nobody gave a name it is anybody's.
    ///
    /// - Parameter typed: who a request says that it is of.
    func doer(typed: String?) -> String { caller.doer(typed: typed) ?? caller.name }

    func doer(_ fields: RequestFields) -> String { doer(typed: fields["by"]) }
}
