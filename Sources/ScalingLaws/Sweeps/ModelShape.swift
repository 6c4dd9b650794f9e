import Foundation
public import LanguageModels

/// Width and depth of a decoder of the sweep.
public struct ModelShape: Sendable, Equatable, Codable {
  /// Layers.
  public var layers: Int
  /// d_model.
  public var width: Int
  /// Heads.
  public var heads: Int
  /// The proportions of its parts.
  public var proportions = ModelProportions.language

  /// Makes a shape with the proportions of language.
  public init(layers: Int, width: Int, heads: Int) {
    (self.layers, self.width, self.heads) = (layers, width, heads)
  }

  /// Makes a shape with heads of about 32 features.
  public init(layers: Int, width: Int, proportions: ModelProportions) {
    let attention = max(1, Int((Double(width) * proportions.attention).rounded()))
    let most = max(1, Int((Double(attention) / 32).rounded()))
    let heads = (1...most).last { attention.isMultiple(of: $0) } ?? 1
    self.init(layers: layers, width: width, heads: heads)
    self.proportions = proportions
  }

  /// The features of all heads together.
  public var attentionWidth: Int { max(heads, Int((Double(width) * proportions.attention).rounded())) }

  /// The parameters without embeddings: 12·n_layer·d_model² for language (Kaplan et al., 2020, section 2.1, with feed-forward layers
  /// four times as wide as the model).
  public var parameters: Double { proportions.parametersPerLayer * Double(layers) * Double(width) * Double(width) }

  /// The shape of about so many parameters whose width is `aspect` times its depth, two layers at least and heads of 32 features.
  ///
  /// Henighan et al. (2020, section 2.2) find about 100 best for language, and about 10 for images, video and mathematics.
  public init(parameters: Double, aspect: Double) {
    let depth = pow(parameters / (12 * aspect * aspect), 1.0 / 3)
    layers = max(2, Int(depth.rounded()))
    let heads = max(1, Int((sqrt(parameters / (12 * Double(layers))) / 32).rounded()))
    (self.heads, width) = (heads, 32 * heads)
  }

  /// The shape of about so many parameters with a domain's proportions, two layers at least.
  ///
  /// Widths go in steps of 8, or of what gives attention a multiple of 4: fine enough for models of some thousand parameters.
  public init(parameters: Double, proportions: ModelProportions) {
    let perLayer = proportions.parametersPerLayer
    let depth = pow(parameters / (perLayer * proportions.aspect * proportions.aspect), 1.0 / 3)
    let layers = max(2, Int(depth.rounded()))
    let unit = proportions.attention < 1 ? 16.0 : 8
    let width = Int(unit * max(1, (sqrt(parameters / (perLayer * Double(layers))) / unit).rounded()))
    self.init(layers: layers, width: width, proportions: proportions)
  }

  /// The decoder of this shape: GPT-2's parts, with weights large enough for narrow models.
  ///
  /// - Throws: ``ScalingError`` for sizes that no decoder can have.
  public func decoder(vocabularySize: Int, context: Int) throws -> DecoderConfiguration {
    guard layers > 0, width > 0, heads > 0, attentionWidth.isMultiple(of: heads) else {
      throw ScalingError.unusable(
        "No decoder has \(layers) layers of width \(width) with \(heads) heads over \(attentionWidth) features")
    }
    var made = DecoderConfiguration.gpt2(
      vocabularySize: vocabularySize, width: width, layers: layers, heads: heads, contextLength: context)
    made.headWidth = attentionWidth / heads
    made.feedForwardWidth = max(1, Int((Double(width) * proportions.feedForward).rounded()))
    // At GPT-2's 0.02 the products of a narrow model would have variances far below 1.
    made.initializerRange = 0.8 / Double(width).squareRoot()
    return made
  }
}
