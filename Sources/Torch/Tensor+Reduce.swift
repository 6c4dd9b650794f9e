import CTorch

extension Tensor {
  /// The sum over all elements.
  public func sum() -> Tensor { made("sum", torch.pointee.sum(pointer, nil, 0, 0), [self]) }
  /// The sum over axes.
  public func sum(axis: Int..., keepAxes: Bool = false) -> Tensor {
    axis.withDims { made("sum", torch.pointee.sum(pointer, $0, $1, keepAxes ? 1 : 0), [self]) }
  }
  /// The mean over all elements.
  public func mean() -> Tensor { made("mean", torch.pointee.mean(pointer, nil, 0, 0), [self]) }
  /// The mean over axes.
  public func mean(axis: Int..., keepAxes: Bool = false) -> Tensor {
    axis.withDims { made("mean", torch.pointee.mean(pointer, $0, $1, keepAxes ? 1 : 0), [self]) }
  }
  /// The largest element.
  public func max() -> Tensor { made("amax", torch.pointee.amax(pointer, nil, 0, 0), [self]) }
  /// The largest along axes.
  public func max(axis: Int..., keepAxes: Bool = false) -> Tensor {
    axis.withDims { made("amax", torch.pointee.amax(pointer, $0, $1, keepAxes ? 1 : 0), [self]) }
  }
  /// The smallest element.
  public func min() -> Tensor { made("amin", torch.pointee.amin(pointer, nil, 0, 0), [self]) }
  /// The smallest along axes.
  public func min(axis: Int..., keepAxes: Bool = false) -> Tensor {
    axis.withDims { made("amin", torch.pointee.amin(pointer, $0, $1, keepAxes ? 1 : 0), [self]) }
  }
  /// ln Σ eˣ along axes, without overflow.
  public func logSumExp(axis: Int..., keepAxes: Bool = false) -> Tensor {
    axis.withDims {
      made("logsumexp", torch.pointee.logsumexp(pointer, $0, $1, keepAxes ? 1 : 0), [self])
    }
  }
  /// The variance over all elements; `correction` 1 divides by n − 1.
  public func variance(correction: Double = 1) -> Tensor {
    made("var", torch.pointee.var(pointer, nil, 0, correction, 0), [self])
  }
  /// The variance along axes; `correction` 1 divides by n − 1.
  public func variance(axis: Int..., correction: Double = 1, keepAxes: Bool = false) -> Tensor {
    axis.withDims {
      made("var", torch.pointee.var(pointer, $0, $1, correction, keepAxes ? 1 : 0), [self])
    }
  }
  /// (Σ |x|ᵖ)^(1/p) over all elements.
  public func norm(_ p: Double = 2) -> Tensor { made("norm", torch.pointee.norm(pointer, p), [self]) }
  /// The product along an axis.
  public func product(axis: Int, keepAxis: Bool = false) -> Tensor {
    made("prod", torch.pointee.prod(pointer, Int64(axis), keepAxis ? 1 : 0), [self])
  }
  /// The position of the largest along an axis, as int64.
  public func argmax(axis: Int, keepAxis: Bool = false) -> Tensor {
    made("argmax", torch.pointee.argmax(pointer, Int64(axis), keepAxis ? 1 : 0), [self])
  }
  /// The position of the smallest along an axis, as int64.
  public func argmin(axis: Int, keepAxis: Bool = false) -> Tensor {
    made("argmin", torch.pointee.argmin(pointer, Int64(axis), keepAxis ? 1 : 0), [self])
  }
  /// Whether no element is zero.
  public func all() -> Bool { made("all", torch.pointee.all(pointer), [self]).item() != 0 }
  /// Whether some element is not zero.
  public func any() -> Bool { made("any", torch.pointee.any(pointer), [self]).item() != 0 }
  /// Running sums along an axis.
  public func cumulativeSum(axis: Int) -> Tensor {
    made("cumsum", torch.pointee.cumsum(pointer, Int64(axis)), [self])
  }
  /// The `k` largest (or smallest) along an axis, in order, and where they were.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    let out = several("topk", 2, [self]) {
      torch.pointee.topk(pointer, Int64(k), Int64(axis), largest ? 1 : 0, $0)
    }
    return (out[0], out[1])
  }
  /// A stable order along an axis, and where each element was.
  public func sorted(axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
    let out = several("sort", 2, [self]) {
      torch.pointee.sort(pointer, Int64(axis), descending ? 1 : 0, $0)
    }
    return (out[0], out[1])
  }
}
