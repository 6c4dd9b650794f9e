import CTorch

extension Tensor {
  /// A copy of `elements`; their count must be the product of `shape` (by default one axis).
  public init<Scalar: TensorScalar>(_ elements: [Scalar], shape: [Int]? = nil) {
    let shape = shape ?? [elements.count]
    precondition(
      shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill shape \(shape)")
    self = elements.withUnsafeBytes { bytes in
      shape.withDims { dims, n in
        made("copy_from", torch.pointee.copy_from(bytes.baseAddress, dims, n, Scalar.dtype.rawValue), [])
      }
    }
  }

  /// A copy of `bytes`, which hold `shape`'s product of elements of `dtype` at any alignment.
  public init(copying bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) {
    precondition(
      shape.reduce(dtype.size, *) == bytes.count,
      "\(bytes.count) bytes do not fill shape \(shape) of \(dtype)")
    self = .empty(shape, dtype: dtype)
    withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0).copyMemory(from: bytes) }
  }

  /// A tensor without axes.
  public init(_ value: Double, dtype: DType = .float32, device: Device = .cpu) {
    self = .full([], value, dtype: dtype, device: device)
  }

  /// Token ids or other indices, as int64.
  public init(ids: some Collection<Int>, shape: [Int]? = nil) {
    self.init(Array(ids), shape: shape)
  }

  /// A tensor over memory that someone else owns; `owner` is kept alive as long as the memory is used.
  ///
  /// - Parameters:
  ///   - memory: at least `shape`'s product of elements, aligned for `dtype`; nothing is copied.
  ///   - owner: what holds the memory, such as a mapped file.
  public init(
    borrowing memory: UnsafeMutableRawPointer, shape: [Int], dtype: DType, owner: AnyObject
  ) {
    let context = Unmanaged.passRetained(owner).toOpaque()
    self = shape.withDims { dims, n in
      made(
        "borrow",
        torch.pointee.borrow(
          memory, dims, n, dtype.rawValue,
          { context in if let context { Unmanaged<AnyObject>.fromOpaque(context).release() } },
          context), [])
    }
  }

  /// Memory as it comes: every element must be written before it is read.
  public static func empty(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    shape.withDims { dims, n in
      made(
        "empty",
        torch.pointee.empty(dims, n, dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
    }
  }
  /// `value` everywhere.
  public static func full(
    _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    shape.withDims { dims, n in
      made(
        "full",
        torch.pointee.full(
          dims, n, value, dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
    }
  }
  /// 0 everywhere.
  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 0, dtype: dtype, device: device)
  }
  /// 1 everywhere.
  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 1, dtype: dtype, device: device)
  }
  /// 0 everywhere, shaped and placed like this tensor.
  public func zerosLike() -> Tensor { made("zeros_like", torch.pointee.zeros_like(pointer), [self]) }
  /// Uninitialised memory, shaped and placed like this tensor.
  public func emptyLike() -> Tensor { made("empty_like", torch.pointee.empty_like(pointer), [self]) }

  /// `start, start + step, …` up to but without `end`; int64 by default.
  public static func arange(
    _ start: Double = 0, _ end: Double, step: Double = 1, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    made(
      "arange",
      torch.pointee.arange(
        start, end, step, dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
  }
  /// The identity matrix `[size, size]`.
  public static func eye(_ size: Int, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    made(
      "eye",
      torch.pointee.eye(Int64(size), dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
  }
}

extension Array where Element == Int {
  @inline(__always)
  func withDims<Result>(_ body: (UnsafePointer<Int64>?, Int32) -> Result) -> Result {
    withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: Int64.self) { body($0.baseAddress, Int32($0.count)) }
    }
  }
}

extension Array where Element == Tensor {
  /// Lends the handles; the tensors stay alive for the call.
  @inline(__always)
  func withHandles<Result>(_ body: (UnsafePointer<OpaquePointer?>?, Int32) -> Result) -> Result {
    let pointers: [OpaquePointer?] = map(\.pointer)
    defer { withExtendedLifetime(self) {} }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress, Int32($0.count)) }
  }
}
