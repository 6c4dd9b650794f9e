public import NeuralNetworks
import Torch

/// One layer: attention and the feed-forward part, each beside the residual stream with the norms that
/// ``DecoderConfiguration/Residual`` says.
public final class DecoderLayer: Module {
  /// Before attention.
  @Child("input_layernorm") public var inputNorm: Normalization?
  /// Attention, but for families with ``latentAttention``.
  @Child("self_attn") public var attention: Attention?
  /// Attention by way of a short vector a token.
  @Child("self_attn") public var latentAttention: MultiHeadLatentAttention?
  /// After attention.
  @Child("attention_output_layernorm") public var attentionOutputNorm: Normalization?
  /// Before the feed-forward part.
  @Child("post_attention_layernorm") public var outputNorm: Normalization?
  /// The feed-forward part, but for layers with ``experts``.
  @Child("mlp") public var feedForward: FeedForward?
  /// Several feed-forward parts, of which each token takes some.
  @Child("mlp") public var experts: MixtureOfExperts?
  /// After the feed-forward part.
  @Child("feed_forward_output_layernorm") public var feedForwardOutputNorm: Normalization?
  let residual: DecoderConfiguration.Residual
  let multiplier: Double

  init(_ configuration: DecoderConfiguration, layer: Int, weights: InitialWeights) {
    (residual, multiplier) = (configuration.residual, configuration.residualMultiplier)
    super.init()
    func norm(_ isThere: Bool) -> Normalization? {
      isThere ? weights.norm(configuration, configuration.width) : nil
    }
    inputNorm = norm(residual.normsInputs)
    let hasLatent = configuration.latentAttention != nil
    attention = hasLatent ? nil : Attention(configuration, weights: weights)
    latentAttention = configuration.latentAttention.map {
      MultiHeadLatentAttention(configuration, $0, weights: weights)
    }
    attentionOutputNorm = norm(residual.normsOutputs)
    outputNorm = norm(residual.normsInputs)
    let own = configuration.experts(ofLayer: layer)
    feedForward = own == nil ? FeedForward(configuration, weights: weights) : nil
    experts = own.map { MixtureOfExperts(configuration, $0, weights: weights) }
    feedForwardOutputNorm = norm(residual.normsOutputs)
  }

  init(sharing other: DecoderLayer) {
    (residual, multiplier) = (other.residual, other.multiplier)
    super.init()
    inputNorm = other.inputNorm
    attention = other.attention.map(Attention.init(sharing:))
    latentAttention = other.latentAttention.map(MultiHeadLatentAttention.init(sharing:))
    attentionOutputNorm = other.attentionOutputNorm
    outputNorm = other.outputNorm
    feedForward = other.feedForward.map(FeedForward.init(sharing:))
    experts = other.experts.map(MixtureOfExperts.init(sharing:))
    feedForwardOutputNorm = other.feedForwardOutputNorm
  }

  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int) -> Tensor {
    // What a part writes is added in the call that makes it, unless something happens to it before.
    func added(_ x: Tensor, _ norm: Normalization?, _ part: (_ residual: Tensor?) -> Tensor) -> Tensor {
      guard norm != nil || pass.dropout != nil || multiplier != 1 else { return part(x) }
      let made = part(nil)
      let normed = norm?(made) ?? made
      let dropped = pass.dropout?.residual(normed) ?? normed
      return x + (multiplier == 1 ? dropped : dropped * multiplier)
    }
    let h = added(x, attentionOutputNorm) { attend(inputNorm?(x) ?? x, pass, layer: layer, adding: $0) }
    let seen = residual == .parallel ? x : h
    return added(h, feedForwardOutputNorm) { feed(outputNorm?(seen) ?? seen, adding: $0) }
  }

  private func attend(_ x: Tensor, _ pass: Pass, layer: Int, adding residual: Tensor? = nil) -> Tensor {
    attention?(x, pass, layer: layer, adding: residual) ?? latentAttention?(x, pass, layer: layer, adding: residual)
      ?? x
  }

  private func feed(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    feedForward?(x, adding: residual) ?? experts?(x, adding: residual) ?? x
  }
}

extension DecoderLayer {
  /// The layer over x and what the one before it left to be added, where its parts' inputs are normalised and nothing else is done
  /// to the residual stream: the stream, and what is to be added to it next.
  func callAsFunction(_ x: Tensor, adding waiting: Tensor?, _ pass: Pass, layer: Int) -> (Tensor, Tensor?) {
    func normed(_ x: Tensor, _ waiting: Tensor?, _ norm: Normalization?) -> (stream: Tensor, norm: Tensor) {
      guard let norm else { return (waiting.map { x + $0 } ?? x, x) }
      return waiting.map { norm(x, adding: $0) } ?? (x, norm(x))
    }
    let first = normed(x, waiting, inputNorm)
    let second = normed(first.stream, attend(first.norm, pass, layer: layer), outputNorm)
    return (second.stream, feed(second.norm))
  }
}

extension DecoderConfiguration.Residual {
  /// Whether the parts' inputs are normalised.
  var normsInputs: Bool { self != .postNorm }
  /// Whether the parts' outputs are.
  var normsOutputs: Bool { self == .postNorm || self == .sandwich }
}
