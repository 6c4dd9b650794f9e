import Torch

/// Draws a policy's actions for one step of all environments at a time.
///
/// On a GPU the pass is recorded once and sent again as a whole: queueing its few dozen small kernels takes longer than they
/// run. The weights may change in place between steps; the recording reads them where they are.
final class PolicySampler {
  /// What was drawn.
  struct Drawn {
    /// int64 `[N]`.
    var actions: Tensor
    /// ln π(a|s), `[N]`.
    var logProbabilities: Tensor
    /// V(s), `[N]`.
    var values: Tensor
  }

  /// The observations that the next draw looks at, uint8 `[N, height, width, channels]` on the network's device.
  let pixels: Tensor
  private let network: ActorCritic
  private let noise: Tensor
  private var recording: (graph: DeviceGraph, drawn: Drawn)?
  private var passes = 0
  /// Passes before one is recorded: what is loaded or made at first use can't be.
  private static let patience = 3

  init(_ network: ActorCritic, count: Int) {
    self.network = network
    pixels = .zeros([count] + network.shape, dtype: .uint8, device: network.device)
    noise = .zeros([count, network.actions], device: network.device)
  }

  /// Takes over the environments' observations, one group of environments after another.
  func look(at groups: [any AgentEnvironments]) {
    var start = 0
    for group in groups {
      guard let base = group.observations.baseAddress else { continue }
      let seen = Tensor(
        borrowing: UnsafeMutableRawPointer(mutating: base), shape: [group.count] + group.observationShape,
        dtype: .uint8,
        owner: group)
      pixels.slice(start..<start + group.count).copyInPlace(seen)
      start += group.count
    }
  }

  /// Draws an action for each observation; the result may be overwritten by the next draw.
  ///
  /// - Parameter gumbel: `[N, actions]`, standard Gumbel numbers: the largest sum of logit and number is a draw of the softmax.
  func draw(_ gumbel: Tensor) -> Drawn {
    if let recording {
      noise.copyInPlace(gumbel)
      recording.graph.replay()
      return recording.drawn
    }
    guard network.device.kind == .cuda, passes >= 0 else { return pass(gumbel) }
    passes += 1
    guard passes > Self.patience else { return pass(gumbel) }
    noise.copyInPlace(gumbel)
    var drawn: Drawn?
    if let graph = DeviceGraph(on: network.device, recording: { drawn = pass(noise) }), let drawn {
      recording = (graph, drawn)
      graph.replay()
      return drawn
    }
    passes = -1
    return pass(gumbel)
  }

  private func pass(_ gumbel: Tensor) -> Drawn {
    withoutGradients {
      let seen = network(pixels)
      let actions = (seen.logits + gumbel).argmax(axis: -1)
      let chosen = seen.logits.logSoftmax(axis: -1).gather(actions.unsqueezed(-1), axis: -1).squeezed(-1)
      return Drawn(actions: actions, logProbabilities: chosen, values: seen.values)
    }
  }

  /// Standard Gumbel numbers of a seed, the same for every device.
  static func gumbel(_ shape: [Int], seed: UInt64, device: Device) -> Tensor {
    let uniform = Tensor.rand(shape, generator: Generator(seed: seed))
    return (-(-(uniform.log())).log()).to(device: device)
  }
}
