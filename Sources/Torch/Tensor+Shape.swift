import CTorch

extension Tensor {
  /// The same elements in another shape; one length may be −1 and is worked out.
  public func reshaped(_ shape: [Int]) -> Tensor {
    shape.withDims { made("reshape", torch.pointee.reshape(pointer, $0, $1), [self]) }
  }
  /// The same elements in another shape; one length may be −1 and is worked out.
  public func reshaped(_ shape: Int...) -> Tensor { reshaped(shape) }
  /// Reorders the axes.
  public func permuted(_ axes: Int...) -> Tensor {
    axes.withDims { made("permute", torch.pointee.permute(pointer, $0, $1), [self]) }
  }
  /// Repeats axes of length 1 without copying; −1 keeps a length.
  public func expanded(_ shape: [Int]) -> Tensor {
    shape.withDims { made("expand", torch.pointee.expand(pointer, $0, $1), [self]) }
  }
  /// Tiles the tensor `counts` times along each axis.
  public func repeated(_ counts: [Int]) -> Tensor {
    counts.withDims { made("repeat", torch.pointee.repeat(pointer, $0, $1), [self]) }
  }
  /// Repeats each slice along an axis: a, b becomes a, a, b, b.
  public func repeatInterleaved(_ count: Int, axis: Int) -> Tensor {
    made(
      "repeat_interleave", torch.pointee.repeat_interleave(pointer, Int64(count), Int64(axis)), [self])
  }
  /// Reverses the order along axes.
  public func flipped(_ axes: Int...) -> Tensor {
    axes.withDims { made("flip", torch.pointee.flip(pointer, $0, $1), [self]) }
  }
  /// Shifts along an axis; what falls off one end enters at the other.
  public func rolled(_ shift: Int, axis: Int) -> Tensor {
    made("roll", torch.pointee.roll(pointer, Int64(shift), Int64(axis)), [self])
  }
  /// Adds `value` around; pairs (before, after) from the last axis backwards, as PyTorch counts them.
  public func padded(_ pads: [Int], value: Double = 0) -> Tensor {
    pads.withDims { made("pad", torch.pointee.pad(pointer, $0, $1, value), [self]) }
  }
  /// Swaps two axes.
  public func transposed(_ i: Int = -2, _ j: Int = -1) -> Tensor {
    made("transpose", torch.pointee.transpose(pointer, Int64(i), Int64(j)), [self])
  }
  /// Drops an axis of length 1.
  public func squeezed(_ axis: Int) -> Tensor {
    made("squeeze", torch.pointee.squeeze(pointer, Int64(axis)), [self])
  }
  /// Inserts an axis of length 1.
  public func unsqueezed(_ axis: Int) -> Tensor {
    made("unsqueeze", torch.pointee.unsqueeze(pointer, Int64(axis)), [self])
  }
  /// Merges the axes from `start` to `end` into one.
  public func flattened(_ start: Int = 0, _ end: Int = -1) -> Tensor {
    made("flatten", torch.pointee.flatten(pointer, Int64(start), Int64(end)), [self])
  }
  /// One slice, its axis gone.
  public func select(_ index: Int, axis: Int) -> Tensor {
    made("select", torch.pointee.select(pointer, Int64(axis), Int64(index)), [self])
  }
  /// A view of `range` along an axis; an end beyond the axis means its end.
  public func slice(_ range: Range<Int>, axis: Int = 0, step: Int = 1) -> Tensor {
    made(
      "slice",
      torch.pointee.slice(
        pointer, Int64(axis), Int64(range.lowerBound), Int64(range.upperBound), Int64(step)), [self])
  }
  /// Joins tensors along an axis that they have.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    tensors.withHandles { made("cat", torch.pointee.cat($0, $1, Int64(axis)), tensors) }
  }
  /// Joins tensors of one shape along a new axis.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    tensors.withHandles { made("stack", torch.pointee.stack($0, $1, Int64(axis)), tensors) }
  }
  /// Views of consecutive pieces along an axis; the sizes add up to its length.
  public func split(_ sizes: [Int], axis: Int = 0) -> [Tensor] {
    sizes.withDims { dims, n in
      several("split", sizes.count, [self]) {
        torch.pointee.split(pointer, dims, n, Int64(axis), $0)
      }
    }
  }
  /// The lower triangle; entries above diagonal `k` become 0.
  public func lowerTriangle(_ k: Int = 0) -> Tensor {
    made("tril", torch.pointee.tril(pointer, Int64(k)), [self])
  }
  /// The upper triangle; entries below diagonal `k` become 0.
  public func upperTriangle(_ k: Int = 0) -> Tensor {
    made("triu", torch.pointee.triu(pointer, Int64(k)), [self])
  }
  /// The diagonal of the plane of two axes.
  public func diagonal(_ offset: Int = 0, _ i: Int = 0, _ j: Int = 1) -> Tensor {
    made("diagonal", torch.pointee.diagonal(pointer, Int64(offset), Int64(i), Int64(j)), [self])
  }

  // MARK: Picking by tensors

  /// Slices by number along an axis.
  public func indexSelect(_ index: Tensor, axis: Int = 0) -> Tensor {
    made(
      "index_select", torch.pointee.index_select(pointer, Int64(axis), index.pointer), [self, index])
  }
  /// One element per position of `index`, along an axis.
  public func gather(_ index: Tensor, axis: Int) -> Tensor {
    made("gather", torch.pointee.gather(pointer, Int64(axis), index.pointer), [self, index])
  }
  /// A copy with `source` written at `index` along an axis.
  public func scatter(_ index: Tensor, _ source: Tensor, axis: Int) -> Tensor {
    made(
      "scatter", torch.pointee.scatter(pointer, Int64(axis), index.pointer, source.pointer),
      [self, index, source])
  }
  /// A copy with `source` added at `index` along an axis.
  public func scatterAdd(_ index: Tensor, _ source: Tensor, axis: Int) -> Tensor {
    made(
      "scatter_add", torch.pointee.scatter_add(pointer, Int64(axis), index.pointer, source.pointer),
      [self, index, source])
  }
  /// A copy with slices of `source` added at `index` along an axis.
  public func indexAdd(_ index: Tensor, _ source: Tensor, axis: Int = 0) -> Tensor {
    made(
      "index_add", torch.pointee.index_add(pointer, Int64(axis), index.pointer, source.pointer),
      [self, index, source])
  }
  /// `value` where the mask holds.
  public func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor {
    made("masked_fill", torch.pointee.masked_fill(pointer, mask.pointer, value), [self, mask])
  }
  /// The elements where the mask holds, in one axis.
  public func maskedSelect(_ mask: Tensor) -> Tensor {
    made("masked_select", torch.pointee.masked_select(pointer, mask.pointer), [self, mask])
  }
  /// `a` where this condition holds, `b` elsewhere.
  public func choose(_ a: Tensor, _ b: Tensor) -> Tensor {
    made("where", torch.pointee.where(pointer, a.pointer, b.pointer), [self, a, b])
  }
  /// The positions of the non-zero elements, `[count, rank]`.
  public func nonzero() -> Tensor { made("nonzero", torch.pointee.nonzero(pointer), [self]) }
}
