public import Torch

/// Scales gradients down together so that their joint Euclidean norm is at most `limit` (Pascanu 2013).
///
/// g ← g · min(1, limit / (‖g‖ + 1e-6)), with PyTorch's small constant. A norm that is infinite or not a number changes
/// nothing, so that the caller can stop and still look at the gradients.
/// - Parameters:
///   - tensors: parameters; those without a gradient count for nothing.
///   - limit: infinite only measures.
/// - Returns: the norm before clipping.
@discardableResult
public func clipGradients(of tensors: [Tensor], toNorm limit: Double) -> Double {
  let gradients = tensors.compactMap(\.grad)
  guard !gradients.isEmpty else { return 0 }
  let norm = FusedOptimizers.norm(gradients)
  let factor = limit / (norm + 1e-6)
  if norm.isFinite, factor < 1 { FusedOptimizers.scale(gradients, by: factor) }
  return norm
}
