/// The type of a tensor's elements, with libtorch's numbering.
public enum DType: Int32, Sendable, Codable, CaseIterable, CustomStringConvertible {
  case uint8 = 0
  case int8 = 1
  case int16 = 2
  case int32 = 3
  case int64 = 4
  case float16 = 5
  case float32 = 6
  case float64 = 7
  case bool = 11
  case bfloat16 = 15

  /// Bytes per element.
  public var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether gradients can be taken with respect to such a tensor.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// PyTorch's name, such as `float32` or `bfloat16`.
  public var name: String { "\(self.rawName)" }
  private var rawName: String {
    switch self {
    case .uint8: "uint8"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float16: "float16"
    case .float32: "float32"
    case .float64: "float64"
    case .bool: "bool"
    case .bfloat16: "bfloat16"
    }
  }
  /// PyTorch's name.
  public var description: String { name }

  /// The type called `name` by PyTorch and by Hugging Face's `torch_dtype`; nil if there is none.
  public init?(name: String) {
    guard let found = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// Reads a name that a person typed: PyTorch's, or the usual `fp32`, `fp16`, `bf16`.
  ///
  /// - Throws: ``TorchError`` that lists the names.
  public init(parsing text: String) throws {
    let short = ["fp32": DType.float32, "fp16": .float16, "half": .float16, "bf16": .bfloat16]
    guard let found = DType(name: text) ?? short[text] else {
      throw TorchError(
        operation: "dtype",
        message: "'\(text)' is no element type: use "
          + DType.allCases.map(\.name).joined(separator: ", "))
    }
    self = found
  }
}

/// A Swift type that a tensor's memory can be read as.
public protocol TensorScalar: Sendable {
  /// The matching element type.
  static var dtype: DType { get }
}

extension Float: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .float32 }
}
extension Double: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .float64 }
}
extension Int: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .int64 }
}
extension Int64: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .int64 }
}
extension Int32: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .int32 }
}
extension Int16: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .int16 }
}
extension Int8: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .int8 }
}
extension UInt8: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorScalar {
  /// The matching element type.
  public static var dtype: DType { .bool }
}
