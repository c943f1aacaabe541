/// Numbers with a shape, row-major: the last axis is the fastest. Every tensor that passes here is 32-bit floating point
/// (`FP32` of the Open Inference Protocol, element type 1 of ONNX Runtime).
public struct Tensor: Sendable, Hashable {
    public let shape: [Int]
    public let values: [Float]

    /// - Precondition: the product of `shape` is the number of values.
    public init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count)
        self.shape = shape
        self.values = values
    }
}

/// An input or output as a model declares it.
public struct TensorPort: Sendable, Hashable {
    public var name: String
    /// The type's name in the Open Inference Protocol: `FP32`, `INT64`, ...
    public var datatype: String
    /// -1 where any size goes.
    public var shape: [Int]

    public init(name: String, datatype: String = "FP32", shape: [Int]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }

    /// Whether a tensor of this shape fits.
    public func takes(_ other: [Int]) -> Bool {
        shape.count == other.count && zip(shape, other).allSatisfy { $0 < 0 || $0 == $1 }
    }
}
