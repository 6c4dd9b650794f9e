import NeuralNetworks
import Torch

/// cos and sin of the angles of rotary positions, made as far as sequences reach and kept; shared by the models over one
/// base.
final class RotaryTables {
  typealias Angles = (cos: Tensor, sin: Tensor)
  private var full: Angles?
  private var sliding: Angles?

  /// The angles at these positions `[tokens, half]`, for most layers and for sliding ones where those differ.
  func angles(
    _ positions: Tensor, upTo longest: Int, _ c: DecoderConfiguration
  ) -> (full: Angles?, sliding: Angles?) {
    guard case .rotary(let base) = c.positions else { return (nil, nil) }
    grow(&full, upTo: longest, c, base: base, scaling: c.rotaryScaling, on: positions.device)
    if let base = c.slidingRotaryBase {
      grow(&sliding, upTo: longest, c, base: base, scaling: RotaryScaling(), on: positions.device)
    }
    func rows(_ table: Angles?) -> Angles? {
      table.map { ($0.cos.indexSelect(positions), $0.sin.indexSelect(positions)) }
    }
    return (rows(full), rows(sliding))
  }

  /// Makes a table again, longer, where it does not reach: contexts of a million tokens cost nothing until they are used.
  private func grow(
    _ table: inout Angles?, upTo longest: Int, _ c: DecoderConfiguration, base: Double,
    scaling: RotaryScaling, on device: Device
  ) {
    let reach = table?.cos.size(0) ?? 0
    guard reach < longest else { return }
    // The settings were validated with the configuration, so that this can't fail.
    guard
      let rope = try? RotaryEmbedding(
        width: c.rotaryWidth, base: base, contextLength: c.contextLength, scaling: scaling)
    else { return }
    let length = min(c.contextLength, max(2 * reach, longest, 1024))
    table = rope.tables(Tensor(ids: Array(0..<max(length, longest))).to(device: device))
  }
}
