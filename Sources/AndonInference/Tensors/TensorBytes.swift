import AndonVision

/// The bytes of tensors as both back ends lay them: little-endian, row-major, without padding (Open Inference Protocol,
/// binary tensor extension; ONNX Runtime on the machines that we run on).
enum TensorBytes {
    /// Bytes of one element of a type of the Open Inference Protocol; nil for those that have no numbers (`BYTES`).
    static func width(of datatype: String) -> Int? {
        switch datatype {
        case "BOOL", "UINT8", "INT8": 1
        case "UINT16", "INT16", "FP16": 2
        case "UINT32", "INT32", "FP32": 4
        case "UINT64", "INT64", "FP64": 8
        default: nil
        }
    }

    /// The elements of a type as 32-bit floating point; whole numbers beyond 2^24 are rounded, which no class id is.
    ///
    /// - Returns: nil when the type has no numbers, or the bytes are not a whole number of elements.
    static func floats(_ datatype: String, _ bytes: UnsafeRawBufferPointer) -> [Float]? {
        guard let width = width(of: datatype), bytes.count.isMultiple(of: width) else { return nil }
        return switch datatype {
        case "BOOL": bytes.map { $0 == 0 ? 0 : 1 }
        case "UINT8": bytes.map { Float($0) }
        case "INT8": integers(bytes, Int8.self)
        case "UINT16": integers(bytes, UInt16.self)
        case "INT16": integers(bytes, Int16.self)
        case "UINT32": integers(bytes, UInt32.self)
        case "INT32": integers(bytes, Int32.self)
        case "UINT64": integers(bytes, UInt64.self)
        case "INT64": integers(bytes, Int64.self)
        case "FP16": each(bytes, UInt16.self) { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
        case "FP64": each(bytes, UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        default: singles(bytes)
        }
    }

    private static func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ type: T.Type
    ) -> [Float] {
        each(bytes, type) { Float(T(littleEndian: $0)) }
    }

    private static func each<T: BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ type: T.Type, _ convert: (T) -> Float
    ) -> [Float] {
        stride(from: 0, to: bytes.count, by: MemoryLayout<T>.size).map {
            convert(bytes.loadUnaligned(fromByteOffset: $0, as: type))
        }
    }

    /// A heat map or boxes in one copy.
    private static func singles(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        let count = bytes.count / 4
        let values = [Float](unsafeUninitializedCapacity: count) { room, filled in
            UnsafeMutableRawBufferPointer(room).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)]))
            filled = count
        }
        return values
    }

    /// The number of elements of a shape from outside.
    ///
    /// - Returns: nil for a negative size, or for more than `most`.
    static func count(of shape: [Int], most: Int) -> Int? {
        var count = 1
        for size in shape {
            let (product, overflowed) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflowed, product <= most else { return nil }
            count = product
        }
        return count
    }
}
