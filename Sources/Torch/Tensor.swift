import CTorch

/// A rectangular array of numbers on some device.
///
/// A value over a counted libtorch handle: copies share memory, as in PyTorch, and the handle is released when the last
/// copy goes. Methods ending in `InPlace` change the memory that all copies share; everything else makes a new tensor or
/// a view. Tensors are not `Sendable`: libtorch's gradient mode is per thread, so they stay where they were made.
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
/// let w = Tensor.randn([3, 4], generator: Generator(seed: 1))
/// let y = (x.matmul(w) + 1).softmax(axis: -1)     // [2, 4]
/// print(y[0, 1...], y.sum().item())
/// ```
public struct Tensor {
  final class Handle {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { torch.pointee.release(pointer) }
  }
  let handle: Handle

  @inline(__always) package var pointer: OpaquePointer { handle.pointer }

  @inline(__always) package init(owning pointer: OpaquePointer) { handle = Handle(pointer) }

  /// The result of a failed op.
  ///
  /// Making it can't fail short of running out of memory for a pointer.
  static var undefined: Tensor {
    guard let pointer = torch.pointee.undefined() else { fatalError("libtorch made no handle") }
    return Tensor(owning: pointer)
  }

  // MARK: What it is

  /// The length of each axis.
  public var shape: [Int] {
    let rank = Int(torch.pointee.rank(pointer))
    return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
      buffer.withMemoryRebound(to: Int64.self) { sizes in
        _ = torch.pointee.shape(pointer, sizes.baseAddress)
      }
      count = rank
    }
  }
  /// The number of axes.
  public var rank: Int { Int(torch.pointee.rank(pointer)) }
  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// The step in memory along each axis, in elements.
  public var strides: [Int] {
    var values = [Int64](repeating: 0, count: rank)
    _ = torch.pointee.strides(pointer, &values)
    return values.map(Int.init)
  }
  /// The type of the elements.
  public var dtype: DType { DType(rawValue: torch.pointee.dtype(pointer)) ?? .float32 }
  /// The device of the elements.
  public var device: Device {
    var index: Int32 = 0
    let kind = torch.pointee.device(pointer, &index)
    return Device(kind: Device.Kind(rawValue: kind) ?? .cpu, index: Int(index))
  }
  /// Whether the elements lie in memory in row-major order without gaps.
  public var isContiguous: Bool { torch.pointee.is_contiguous(pointer) != 0 }
  /// False for the result of an op that failed, and for a gradient that was never made.
  public var isDefined: Bool { torch.pointee.is_defined(pointer) != 0 }

  /// The length of one axis; negative axes count from the end.
  ///
  /// 0 for the result of an op that failed, so that the error of that op is what is reported.
  public func size(_ axis: Int) -> Int {
    let shape = shape
    if shape.isEmpty, !isDefined { return 0 }
    return shape[axis < 0 ? axis + shape.count : axis]
  }

  /// Whether both look at the same memory.
  public func sharesMemory(with other: Tensor) -> Bool {
    torch.pointee.same_storage(pointer, other.pointer) != 0
  }

  // MARK: Out of a tensor

  /// The only element of a tensor with one element.
  public func item() -> Double {
    guard count == 1 else {
      preconditionFailure("item() takes a tensor of one element, not one of shape \(shape)")
    }
    return torch.pointee.item(pointer)
  }

  /// The only element of an integer tensor with one element.
  public func itemInt() -> Int {
    guard count == 1 else {
      preconditionFailure("itemInt() takes a tensor of one element, not one of shape \(shape)")
    }
    return Int(torch.pointee.item_int(pointer))
  }

  /// A copy of the elements in row-major order, converted to `Scalar`.
  public func array<Scalar: TensorScalar>(of type: Scalar.Type = Float.self) -> [Scalar] {
    let source = to(Scalar.dtype, device: .cpu).contiguous()
    let count = source.count
    guard count > 0, let data = torch.pointee.data(source.pointer) else { return [] }
    return Array(
      UnsafeBufferPointer(start: data.assumingMemoryBound(to: Scalar.self), count: count))
  }

  /// Lends the elements without copying.
  ///
  /// The tensor must be contiguous, on the CPU and of `Scalar`'s type: anything else is a programmer's error.
  public func withUnsafeElements<Scalar: TensorScalar, Result>(
    of type: Scalar.Type = Scalar.self,
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    precondition(
      isContiguous && device == .cpu && dtype == Scalar.dtype,
      "withUnsafeElements lends contiguous \(Scalar.dtype) on the CPU, not \(dtype) on \(device)")
    let count = count
    let data = count == 0 ? nil : torch.pointee.data(pointer)
    defer { withExtendedLifetime(handle) {} }
    return try body(
      UnsafeMutableBufferPointer(
        start: data?.assumingMemoryBound(to: Scalar.self), count: count))
  }

  /// Lends the memory as bytes without copying; the tensor must be contiguous and on the CPU.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(
      isContiguous && device == .cpu,
      "withUnsafeBytes lends contiguous memory on the CPU, not strides \(strides) on \(device)")
    let size = count * dtype.size
    defer { withExtendedLifetime(handle) {} }
    return try body(
      UnsafeRawBufferPointer(start: size == 0 ? nil : torch.pointee.data(pointer), count: size))
  }

  /// Converts the type and moves to a device; returns the tensor itself where nothing changes.
  public func to(_ dtype: DType? = nil, device: Device? = nil) -> Tensor {
    let target = device ?? self.device
    return made(
      "to",
      torch.pointee.to(
        pointer, (dtype ?? self.dtype).rawValue, target.kind.rawValue, Int32(target.index)), [self])
  }
  /// The same elements in row-major order without gaps; the tensor itself where it is so already.
  public func contiguous() -> Tensor { made("contiguous", torch.pointee.contiguous(pointer), [self]) }
  /// A copy with its own memory; gradients flow through it.
  public func clone() -> Tensor { made("clone", torch.pointee.clone(pointer), [self]) }
}

extension Tensor: CustomStringConvertible {
  /// Shape, type and up to a few dozen elements.
  public var description: String {
    guard isDefined else { return "Tensor(undefined)" }
    let total = count
    let shown = total <= 40 ? array(of: Double.self) : Array(flattened()[0..<20].array(of: Double.self))
    let body = shown.map { dtype.isFloatingPoint ? "\(Float($0))" : "\(Int($0))" }
      .joined(separator: ", ")
    return "Tensor(\(shape), \(dtype)\(device == .cpu ? "" : ", \(device)")): [\(body)\(total > 40 ? ", …" : "")]"
  }
}
