import Foundation
public import NeuralNetworks
public import Torch

/// Several feed-forward parts, of which each token takes the few that a router scores best (Shazeer 2017; Mixtral, Jiang 2024).
///
/// Tokens are sorted by expert, so that each chosen expert multiplies all of its tokens at once and the others are not read at all. A
/// token's sum is made in the order of its own choices, whatever else is in the batch.
public final class MixtureOfExperts: Module {
  /// Scores of the experts: `[experts, width]`.
  @Child("gate") public var router: Linear
  /// What is added to the scores for the choice alone, `[experts]`, where the family has it.
  @OptionalParameter("e_score_correction_bias") public var correction: Tensor?
  /// The experts.
  @Child("experts") public var experts: [FeedForward]
  /// The part that every token takes besides.
  @Child("shared_expert") public var shared: FeedForward?
  /// Its weight before the sigmoid: `[1, width]`.
  @Child("shared_expert_gate") public var sharedGate: Linear?
  let settings: DecoderConfiguration.Experts

  init(_ c: DecoderConfiguration, _ settings: DecoderConfiguration.Experts, weights: InitialWeights) {
    self.settings = settings
    super.init()
    router = weights.linear(
      c.width, settings.count, bias: settings.routerBias, standardDeviation: c.initializerRange, isSmall: true)
    if settings.correctsScores { correction = weights.vector(settings.count, standardDeviation: 0) }
    experts = (0..<settings.count).map { _ in FeedForward(c, width: settings.width, weights: weights) }
    shared = settings.sharedWidth > 0 ? FeedForward(c, width: settings.sharedWidth, weights: weights) : nil
    sharedGate =
      settings.gatesShared
      ? weights.linear(c.width, 1, bias: false, standardDeviation: c.initializerRange, isSmall: true) : nil
  }

  init(sharing other: MixtureOfExperts) {
    settings = other.settings
    super.init()
    router = other.router
    correction = other.correction
    experts = other.experts.map(FeedForward.init(sharing:))
    shared = other.shared.map(FeedForward.init(sharing:))
    sharedGate = other.sharedGate
  }

  /// The output of `[tokens, width]`, and `residual` added to it.
  func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    let (chosen, weights) = route(x)
    var y = mixed(x, chosen, weights)
    if let shared {
      let always = shared(x)
      y = y + (sharedGate.map { always * $0(x).sigmoid() } ?? always)
    }
    return residual.map { $0 + y } ?? y
  }

  /// Each token's experts, one after the other, and their weights `[tokens, perToken]` in float32.
  func route(_ x: Tensor) -> (chosen: [Int], weights: Tensor) {
    let s = settings
    let logits = router(x).to(.float32)
    let scores = s.scoring == .softmax ? logits.softmax(axis: -1) : logits.sigmoid()
    // Which experts are taken is no function that has a gradient.
    let indices = withoutGradients { () -> Tensor in
      var choice = correction.map { scores + $0.to(.float32) } ?? scores
      if s.groups > 1 { choice = choice.maskedFill(refused(choice), -.infinity) }
      return choice.topK(s.perToken).indices
    }
    var weights = scores.gather(indices, axis: 1)
    if s.normalizes { weights = weights / weights.sum(axis: -1, keepAxes: true) }
    if s.scale != 1 { weights = weights * s.scale }
    return (indices.array(of: Int.self), weights)
  }

  /// The experts of the groups that may not be chosen from.
  private func refused(_ choice: Tensor) -> Tensor {
    let s = settings
    let tokens = choice.size(0)
    let grouped = choice.reshaped([tokens, s.groups, s.count / s.groups])
    let groups =
      s.groupScoring == .best ? grouped.max(axis: -1) : grouped.topK(2).values.sum(axis: -1)
    let best = groups.topK(s.chosenGroups).indices
    let taken = Tensor.zeros([tokens, s.groups], device: choice.device)
      .scatter(best, Tensor.ones([tokens, s.chosenGroups], device: choice.device), axis: 1)
    return taken.repeatInterleaved(s.count / s.groups, axis: 1) .< 0.5
  }

  /// The weighed sum of each token's experts.
  private func mixed(_ x: Tensor, _ chosen: [Int], _ weights: Tensor) -> Tensor {
    let (tokens, k) = (x.size(0), settings.perToken)
    guard tokens > 0 else { return x }
    if tokens == 1 {
      let made = Tensor.concatenated(chosen.map { experts[$0](x) })
      return weights.to(made.dtype).matmul(made)
    }
    // Places of the choices, expert by expert; those of one expert in the tokens' order.
    var places = [[Int]](repeating: [], count: settings.count)
    for (place, expert) in chosen.enumerated() { places[expert].append(place) }
    var order: [Int] = []
    order.reserveCapacity(chosen.count)
    for own in places { order += own }
    let sorted = x.indexSelect(Tensor(ids: order.map { $0 / k }).to(device: x.device))
    var made: [Tensor] = []
    var start = 0
    for (expert, own) in places.enumerated() where !own.isEmpty {
      made.append(experts[expert](sorted.slice(start..<start + own.count)))
      start += own.count
    }
    var back = [Int](repeating: 0, count: order.count)
    for (row, place) in order.enumerated() { back[place] = row }
    let all = Tensor.concatenated(made).indexSelect(Tensor(ids: back).to(device: x.device))
    let weighed = all.reshaped([tokens, k, all.size(1)]) * weights.to(all.dtype).unsqueezed(-1)
    return weighed.sum(axis: 1)
  }
}
