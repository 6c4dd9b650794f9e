import CTorch

extension Tensor {
  /// Whether gradients flow to or through this tensor.
  public var requiresGrad: Bool { torch.pointee.requires_grad(pointer) != 0 }
  /// Turns gradients on or off for a leaf; returns the same tensor.
  @discardableResult
  public func requiringGrad(_ on: Bool = true) -> Tensor {
    done("requires_grad_", torch.pointee.set_requires_grad(pointer, on ? 1 : 0), [self])
    return self
  }
  /// The gradient that `backward` has accumulated; nil before that.
  public var grad: Tensor? {
    get {
      let found = made("grad", torch.pointee.grad(pointer), [self])
      return found.isDefined ? found : nil
    }
    nonmutating set {
      done("set_grad", torch.pointee.set_grad(pointer, newValue?.pointer), [self])
    }
  }
  /// The same values, cut off from the graph.
  public func detached() -> Tensor { made("detach", torch.pointee.detach(pointer), [self]) }

  /// Adds d self / d leaf to every leaf's `grad`.
  ///
  /// - Parameters:
  ///   - gradient: the upstream gradient; 1 for a scalar.
  ///   - retainGraph: keep the graph for another backward pass.
  public func backward(gradient: Tensor? = nil, retainGraph: Bool = false) {
    Tensor.backward([self], gradients: gradient.map { [$0] }, retainGraph: retainGraph)
  }

  /// The backward pass of several outputs at once.
  public static func backward(
    _ outputs: [Tensor], gradients: [Tensor]? = nil, retainGraph: Bool = false
  ) {
    outputs.withHandles { ts, n in
      let status: Int32 =
        if let gradients {
          gradients.withHandles { gs, _ in torch.pointee.backward(ts, n, gs, retainGraph ? 1 : 0) }
        } else {
          torch.pointee.backward(ts, n, nil, retainGraph ? 1 : 0)
        }
      done("backward", status, outputs)
    }
  }

  /// The gradients of `outputs` with respect to `inputs`, without touching any `grad`; nil where there is no path.
  public static func gradients(
    of outputs: [Tensor], for inputs: [Tensor], upstream: [Tensor]? = nil, retainGraph: Bool = false,
    createGraph: Bool = false
  ) -> [Tensor?] {
    outputs.withHandles { ts, n in
      inputs.withHandles { ins, m in
        func run(_ gs: UnsafePointer<OpaquePointer?>?) -> [Tensor] {
          several("gradients", inputs.count, outputs + inputs) {
            torch.pointee.gradients(
              ts, n, gs, ins, m, retainGraph ? 1 : 0, createGraph ? 1 : 0, $0)
          }
        }
        return upstream.map { list in list.withHandles { gs, _ in run(gs) } } ?? run(nil)
      }
    }.map { $0.isDefined ? $0 : nil }
  }

  /// A function with a backward pass of its own.
  ///
  /// `forward` runs without building a graph; `backward` gets the gradients of its results and returns those of
  /// `inputs` (nil where there is none).
  public static func custom(
    _ inputs: [Tensor], forward: ([Tensor]) -> [Tensor],
    backward: @escaping ([Tensor?]) -> [Tensor?]
  ) -> [Tensor] {
    let results = withoutGradients { forward(inputs) }
    let context = Unmanaged.passRetained(BackwardBox(backward)).toOpaque()
    return inputs.withHandles { ts, n in
      results.withHandles { rs, m in
        several("custom", results.count, inputs) {
          torch.pointee.custom(
            ts, n, rs, m,
            { context, gradients, n, result, m in
              guard let context, let gradients, let result else { return -1 }
              let box = Unmanaged<BackwardBox>.fromOpaque(context).takeUnretainedValue()
              let given = (0..<Int(n)).map { i in
                gradients[i].flatMap { torch.pointee.retain($0) }.map { Tensor(owning: $0) }
              }
              let made = withoutGradients { box.function(given) }
              guard made.count == Int(m) else { return -1 }
              for (i, gradient) in made.enumerated() {
                result[i] = gradient.flatMap { torch.pointee.retain($0.pointer) }
              }
              return 0
            },
            { context in
              if let context { Unmanaged<BackwardBox>.fromOpaque(context).release() }
            }, context, $0)
        }
      }
    }
  }
}

private final class BackwardBox {
  let function: ([Tensor?]) -> [Tensor?]
  init(_ function: @escaping ([Tensor?]) -> [Tensor?]) { self.function = function }
}

/// Whether ops on this thread record what gradients need.
public var gradientsEnabled: Bool { torch.pointee.grad_enabled() != 0 }

/// Runs `body` without recording anything for gradients.
///
/// Synchronous on purpose: the mode is the thread's.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = torch.pointee.grad_enabled()
  torch.pointee.set_grad_enabled(0)
  defer { torch.pointee.set_grad_enabled(before) }
  return try body()
}

/// The type that ``withAutocast(_:device:_:)`` has matrix products in on a device; nil outside.
public func autocastDType(on device: Device) -> DType? {
  DType(rawValue: torch.pointee.autocast_dtype(device.kind.rawValue))
}

/// Runs `body` with matrix products and attention in `dtype` (bfloat16 or float16) while parameters stay as they are;
/// nil or float32 changes nothing.
///
/// Synchronous on purpose: the mode is the thread's.
public func withAutocast<Result>(
  _ dtype: DType?, device: Device = .cpu, _ body: () throws -> Result
) rethrows -> Result {
  guard let dtype, dtype != .float32 else { return try body() }
  let before = torch.pointee.autocast_dtype(device.kind.rawValue)
  done("autocast", torch.pointee.set_autocast(device.kind.rawValue, dtype.rawValue), [])
  defer { _ = torch.pointee.set_autocast(device.kind.rawValue, before) }
  return try body()
}
