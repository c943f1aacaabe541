/// What is wrong with a mask, and in which member of it: `size`, `counts`, or the whole (empty).
struct MaskFault: Error, Equatable {
    var member: String
    var detail: String
}
