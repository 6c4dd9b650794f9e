/// The table `[vocabulary, width]` that turns hidden vectors into logits: as a tensor, or packed.
public enum OutputTable {
  /// A tensor.
  case plain(Tensor)
  /// Packed: its logits are those that tokens are drawn by, and it gets no gradient.
  case packed(PackedLinear)

  var plain: Tensor? {
    if case .plain(let table) = self { return table }
    return nil
  }
  var packed: PackedLinear? {
    if case .packed(let table) = self { return table }
    return nil
  }
  /// The tensors in it, for messages of errors.
  var operands: [Tensor] { plain.map { [$0] } ?? [] }
}
