import CTorch

/// A way to reduce a loss over many elements to a result.
public enum Reduction: Int32, Sendable {
  case none = 0
  case mean = 1
  case sum = 2
}

extension Tensor {
  /// The matrix product, batched over leading axes: `[…, n, k] · […, k, m] → […, n, m]`.
  public func matmul(_ other: Tensor) -> Tensor {
    made("matmul", torch.pointee.matmul(pointer, other.pointer), [self, other])
  }
  /// bias + self · other: `[n, k] · [k, m] → [n, m]`, or each of a batch of such, `[batch, n, k]`.
  public func matmul(_ other: Tensor, adding bias: Tensor) -> Tensor {
    made("addmm", torch.pointee.addmm(bias.pointer, pointer, other.pointer), [bias, self, other])
  }
  /// x · wᵀ + bias: `[…, in]` with weight `[out, in]` gives `[…, out]`.
  public func linear(_ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    made(
      "linear", torch.pointee.linear(pointer, weight.pointer, bias?.pointer),
      [self, weight] + (bias.map { [$0] } ?? []))
  }
  /// Sums over repeated letters, such as `einsum("ij,jk->ik", [a, b])`.
  public static func einsum(_ equation: String, _ tensors: [Tensor]) -> Tensor {
    tensors.withHandles { made("einsum", torch.pointee.einsum(equation, $0, $1), tensors) }
  }
  /// eˣ normalised along an axis.
  public func softmax(axis: Int) -> Tensor {
    made("softmax", torch.pointee.softmax(pointer, Int64(axis)), [self])
  }
  /// ln softmax, without overflow.
  public func logSoftmax(axis: Int) -> Tensor {
    made("log_softmax", torch.pointee.log_softmax(pointer, Int64(axis)), [self])
  }
  /// Normalises the last axis to mean 0 and variance 1, then scales and shifts (Ba 2016).
  public func layerNorm(weight: Tensor?, bias: Tensor?, epsilon: Double) -> Tensor {
    made(
      "layer_norm",
      torch.pointee.layer_norm(pointer, Int64(size(-1)), weight?.pointer, bias?.pointer, epsilon),
      [self])
  }
  /// Divides the last axis by its root mean square, then scales (Zhang 2019).
  public func rmsNorm(weight: Tensor?, epsilon: Double) -> Tensor {
    made("rms_norm", torch.pointee.rms_norm(pointer, weight?.pointer, epsilon), [self])
  }
  /// This and `other` added, and the sum normalised as by ``layerNorm(weight:bias:epsilon:)``, or where it isn't centred by
  /// ``rmsNorm(weight:epsilon:)``: one pass over a GPU's memory each way.
  public func addingNorm(_ other: Tensor, weight: Tensor, bias: Tensor?, epsilon: Double, isCentered: Bool) -> (
    sum: Tensor, norm: Tensor
  ) {
    let made = several("add_norm", 2, [self, other, weight]) {
      torch.pointee.add_norm(
        pointer, other.pointer, weight.pointer, bias?.pointer, isCentered ? 1 : 0, epsilon, $0)
    }
    return (made[0], made[1])
  }
  /// Normalises groups of channels (Wu 2018): `[N, C, …]`.
  public func groupNorm(groups: Int, weight: Tensor?, bias: Tensor?, epsilon: Double) -> Tensor {
    made(
      "group_norm",
      torch.pointee.group_norm(pointer, Int64(groups), weight?.pointer, bias?.pointer, epsilon), [self])
  }
  /// Normalises each channel over the batch (Ioffe 2015): `[N, C, …]`; updates the running statistics when training.
  public func batchNorm(
    weight: Tensor?, bias: Tensor?, runningMean: Tensor, runningVariance: Tensor, training: Bool,
    momentum: Double, epsilon: Double
  ) -> Tensor {
    made(
      "batch_norm",
      torch.pointee.batch_norm(
        pointer, weight?.pointer, bias?.pointer, runningMean.pointer, runningVariance.pointer,
        training ? 1 : 0, momentum, epsilon), [self])
  }
  /// Rows of a table `[vocabulary, width]` by number: ids `[…]` give `[…, width]`.
  public static func embedding(_ table: Tensor, _ ids: Tensor) -> Tensor {
    made("embedding", torch.pointee.embedding(table.pointer, ids.pointer), [table, ids])
  }
  /// −ln softmax(logits)[target]: logits `[N, C]`, targets int64 `[N]`; rows with `ignoring` count for nothing.
  public func crossEntropy(
    _ targets: Tensor, ignoring: Int = -100, labelSmoothing: Double = 0, reduction: Reduction = .mean
  ) -> Tensor {
    made(
      "cross_entropy",
      torch.pointee.cross_entropy(
        pointer, targets.pointer, Int64(ignoring), labelSmoothing, reduction.rawValue),
      [self, targets])
  }
  /// Binary cross-entropy of logits against targets in [0, 1].
  public func binaryCrossEntropy(_ targets: Tensor, reduction: Reduction = .mean) -> Tensor {
    made(
      "binary_cross_entropy_with_logits",
      torch.pointee.bce_logits(pointer, targets.pointer, reduction.rawValue), [self, targets])
  }
  /// The squared difference.
  public func meanSquaredError(_ other: Tensor, reduction: Reduction = .mean) -> Tensor {
    made("mse_loss", torch.pointee.mse(pointer, other.pointer, reduction.rawValue), [self, other])
  }
  /// softmax(q·kᵀ·scale + mask)·v, fused: `[batch, heads, length, width]`; k and v may have fewer heads.
  ///
  /// A bool mask keeps where it holds; a float mask is added. `scale` 0 means 1/√width.
  public static func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false,
    scale: Double = 0, dropout: Double = 0
  ) -> Tensor {
    made(
      "scaled_dot_product_attention",
      torch.pointee.attention(
        q.pointer, k.pointer, v.pointer, mask?.pointer, dropout, causal ? 1 : 0, scale), [q, k, v])
  }
  /// Convolution over `[N, C, L]` with weight `[out, C/groups, k]`.
  public func conv1d(
    _ weight: Tensor, _ bias: Tensor?, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) -> Tensor {
    made(
      "conv1d",
      torch.pointee.conv1d(
        pointer, weight.pointer, bias?.pointer, Int64(stride), Int64(padding), Int64(dilation),
        Int64(groups)), [self, weight])
  }
  /// Convolution over `[N, C, H, W]` with weight `[out, C/groups, k, k]`.
  public func conv2d(
    _ weight: Tensor, _ bias: Tensor?, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) -> Tensor {
    made(
      "conv2d",
      torch.pointee.conv2d(
        pointer, weight.pointer, bias?.pointer, Int64(stride), Int64(padding), Int64(dilation),
        Int64(groups)), [self, weight])
  }
  /// Transposed convolution over `[N, C, H, W]` with weight `[C, out/groups, k, k]`.
  public func convTranspose2d(
    _ weight: Tensor, _ bias: Tensor?, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    groups: Int = 1
  ) -> Tensor {
    made(
      "conv_transpose2d",
      torch.pointee.conv_transpose2d(
        pointer, weight.pointer, bias?.pointer, Int64(stride), Int64(padding), Int64(outputPadding),
        Int64(groups)), [self, weight])
  }
  /// The largest of each window of `[N, C, H, W]`.
  public func maxPool2d(_ size: Int, stride: Int, padding: Int = 0) -> Tensor {
    made(
      "max_pool2d",
      torch.pointee.max_pool2d(pointer, Int64(size), Int64(stride), Int64(padding)), [self])
  }
  /// The mean of each window of `[N, C, H, W]`.
  public func averagePool2d(_ size: Int, stride: Int, padding: Int = 0) -> Tensor {
    made(
      "avg_pool2d",
      torch.pointee.avg_pool2d(pointer, Int64(size), Int64(stride), Int64(padding)), [self])
  }
  /// LSTM layers (Hochreiter 1997) with PyTorch's weights: per layer w_ih, w_hh, b_ih, b_hh.
  ///
  /// - Returns: outputs, last hidden state and last cell state.
  public func lstm(
    hidden: Tensor, cell: Tensor, weights: [Tensor], layers: Int, batchFirst: Bool
  ) -> (output: Tensor, hidden: Tensor, cell: Tensor) {
    let out = weights.withHandles { handles, n in
      several("lstm", 3, [self, hidden, cell]) {
        torch.pointee.lstm(
          pointer, hidden.pointer, cell.pointer, handles, n, Int32(layers), batchFirst ? 1 : 0, $0)
      }
    }
    return (out[0], out[1], out[2])
  }
}
