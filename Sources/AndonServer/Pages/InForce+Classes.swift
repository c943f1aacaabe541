import AndonDecide
import AndonIntake

extension InForce {
    /// Labels of the classes that the rules know, sorted; none where the rules are not made of classes.
    var classNames: [String] { ((rules as? Rules)?.classes.keys).map { $0.sorted() } ?? [] }
}
