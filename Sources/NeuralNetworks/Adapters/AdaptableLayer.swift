import Torch

/// A linear layer, or some rows of one, that can get a ``LowRankAdapter``, under the name that adapter files give it.
///
/// Networks that keep several published layers in one matrix (queries, keys and values) list each of them with its rows.
public struct AdaptableLayer {
  /// The path in the published network, such as `model.layers.0.self_attn.q_proj`.
  public var path: String
  /// The layer.
  public var layer: Linear
  /// Its rows; nil for all of them.
  public var rows: Range<Int>?

  /// A layer under a path.
  public init(path: String, layer: Linear, rows: Range<Int>? = nil) {
    self.path = path
    self.layer = layer
    self.rows = rows
  }

  /// Features out.
  var outputs: Int { rows?.count ?? layer.weight.size(0) }
  /// These rows of the layer's weight, as a view.
  var weight: Tensor { rows.map { layer.weight.slice($0) } ?? layer.weight }
  /// Whether one of `targets` names it: its path, or the last parts of it.
  func isNamed(by targets: [String]) -> Bool {
    targets.contains { path == $0 || path.hasSuffix(".\($0)") }
  }
}

extension Linear {
  /// An adapter and the rows of this layer that it is for, nil for all.
  public struct Attachment {
    /// The rows.
    public var rows: Range<Int>?
    /// Their adapter.
    public var adapter: LowRankAdapter

    /// An adapter for some rows, or for all.
    public init(rows: Range<Int>? = nil, adapter: LowRankAdapter) {
      self.rows = rows
      self.adapter = adapter
    }

    /// What the product takes in; nil where features are dropped or rows have magnitudes of their own.
    var update: PackedLinear.Update? {
      adapter.isPlain
        ? .init(start: rows?.lowerBound ?? 0, down: adapter.down, up: adapter.up, factor: adapter.scale) : nil
    }
  }

  /// The output with every update, in the product itself where the weight is in blocks and none of them asks for more than that.
  func updated(_ x: Tensor) -> Tensor {
    guard let packed, packed.takesUpdates else {
      let y = packed.map { $0(x) } ?? x.linear(weight, bias)
      return attachments.isEmpty ? y : adapted(y, x)
    }
    let own = attachments.compactMap(\.update), fixed = frozen.compactMap(\.update)
    guard own.count < attachments.count else { return packed(x, updates: fixed + own) }
    return adapted(fixed.isEmpty ? packed(x) : packed(x, updates: fixed), x)
  }

  /// An output with every attached update.
  private func adapted(_ y: Tensor, _ x: Tensor) -> Tensor {
    if attachments.count == 1, attachments[0].rows == nil {
      return attachments[0].adapter(x, output: y, weight: weight, bias: bias)
    }
    var pieces: [Tensor] = []
    var next = 0
    for attachment in attachments {
      let rows = attachment.rows ?? 0..<weight.size(0)
      if rows.lowerBound > next { pieces.append(y.slice(next..<rows.lowerBound, axis: -1)) }
      pieces.append(
        attachment.adapter(
          x, output: y.slice(rows, axis: -1), weight: weight.slice(rows),
          bias: bias.map { $0.slice(rows) }))
      next = rows.upperBound
    }
    if next < weight.size(0) { pieces.append(y.slice(next..<weight.size(0), axis: -1)) }
    return Tensor.concatenated(pieces, axis: -1)
  }
}
