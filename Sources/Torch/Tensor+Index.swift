import CTorch

/// An index between the brackets of `x[…]`: a number, a range, `.newAxis`, `.ellipsis` or a tensor of indices.
public protocol TensorIndex {
  /// The parsed form.
  var tensorIndex: TensorIndexItem { get }
}

/// One item of an index.
public enum TensorIndexItem {
  case number(Int)
  case range(Int, Int)
  case insertion
  case rest
  case tensor(Tensor)
}

extension TensorIndexItem: TensorIndex {
  /// Itself.
  public var tensorIndex: TensorIndexItem { self }
}

extension TensorIndex where Self == TensorIndexItem {
  /// Inserts an axis of length 1.
  public static var newAxis: TensorIndexItem { .insertion }
  /// All axes that the other items leave out.
  public static var ellipsis: TensorIndexItem { .rest }
}

extension Int: TensorIndex {
  /// One slice; its axis goes.
  ///
  /// Negative numbers count from the end.
  public var tensorIndex: TensorIndexItem { .number(self) }
}
extension Range<Int>: TensorIndex {
  /// A view of the range; negative bounds count from the end.
  public var tensorIndex: TensorIndexItem { .range(lowerBound, upperBound) }
}
extension ClosedRange<Int>: TensorIndex {
  /// A view of the range.
  public var tensorIndex: TensorIndexItem { .range(lowerBound, upperBound + 1) }
}
extension PartialRangeFrom<Int>: TensorIndex {
  /// A view from here to the end.
  public var tensorIndex: TensorIndexItem { .range(lowerBound, Int.max) }
}
extension PartialRangeUpTo<Int>: TensorIndex {
  /// A view from the start to here.
  public var tensorIndex: TensorIndexItem { .range(0, upperBound) }
}
extension PartialRangeThrough<Int>: TensorIndex {
  /// A view from the start through here.
  public var tensorIndex: TensorIndexItem { .range(0, upperBound + 1) }
}
extension Tensor: TensorIndex {
  /// The slices that the tensor numbers (int64), or where it holds (bool).
  public var tensorIndex: TensorIndexItem { .tensor(self) }
}

extension Tensor {
  /// A view by numbers, ranges and new axes, as in NumPy: `x[0..., .newAxis]`, `x[-1]`, `x[.ellipsis, 0..<4]`.
  ///
  /// A tensor among the items picks by number and copies. Assigning writes into the shared memory.
  public subscript(_ items: (any TensorIndex)...) -> Tensor {
    get { indexed(items.map(\.tensorIndex)) }
    nonmutating set { assign(newValue, at: items.map(\.tensorIndex)) }
  }

  private func indexed(_ items: [TensorIndexItem]) -> Tensor {
    let (view, picks) = viewed(items)
    return picks.isEmpty ? view : view.picked(picks)
  }

  private func assign(_ value: Tensor, at items: [TensorIndexItem]) {
    let (view, picks) = viewed(items)
    if picks.isEmpty { return view.copyInPlace(value) }
    let list = Self.pickList(picks)
    let handles = list.map { $0?.pointer }
    handles.withUnsafeBufferPointer {
      done(
        "index_put_",
        torch.pointee.index_put_(view.pointer, $0.baseAddress, Int32($0.count), value.pointer, 0),
        [view, value])
    }
    withExtendedLifetime(list) {}
  }

  /// Applies all but the tensors; those are returned with the axis that they pick from.
  private func viewed(_ items: [TensorIndexItem]) -> (Tensor, [(Int, Tensor)]) {
    let consumed = items.reduce(0) { total, item in
      switch item {
      case .number, .range: total + 1
      case .tensor(let t): total + (t.dtype == .bool ? t.rank : 1)
      case .insertion, .rest: total
      }
    }
    precondition(
      consumed <= rank, "\(consumed) indices are too many for a tensor of shape \(shape)")
    var view = self
    var axis = 0
    var picks: [(Int, Tensor)] = []
    for item in items {
      switch item {
      case .number(let i): view = view.select(i, axis: axis)
      case .range(let from, let to):
        view = made(
          "slice", torch.pointee.slice(view.pointer, Int64(axis), Int64(from), Int64(to), 1), [view])
        axis += 1
      case .insertion:
        view = view.unsqueezed(axis)
        axis += 1
      case .rest: axis += rank - consumed
      case .tensor(let t):
        picks.append((axis, t))
        axis += t.dtype == .bool ? t.rank : 1
      }
    }
    return (view, picks)
  }

  private static func pickList(_ picks: [(Int, Tensor)]) -> [Tensor?] {
    var list: [Tensor?] = []
    for (axis, pick) in picks {
      while list.count < axis { list.append(nil) }
      list.append(pick)
    }
    return list
  }

  private func picked(_ picks: [(Int, Tensor)]) -> Tensor {
    let list = Self.pickList(picks)
    let handles = list.map { $0?.pointer }
    defer { withExtendedLifetime(list) {} }
    return handles.withUnsafeBufferPointer {
      made(
        "index", torch.pointee.index(pointer, $0.baseAddress, Int32($0.count)),
        [self] + list.compactMap { $0 })
    }
  }
}
