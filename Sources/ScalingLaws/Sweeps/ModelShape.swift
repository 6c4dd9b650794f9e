import Foundation

/// Width and depth of a decoder of the sweep.
public struct ModelShape: Sendable, Equatable, Codable {
  /// Layers.
  public var layers: Int
  /// d_model.
  public var width: Int
  /// Heads.
  public var heads: Int

  /// Makes a shape.
  public init(layers: Int, width: Int, heads: Int) {
    (self.layers, self.width, self.heads) = (layers, width, heads)
  }

  /// The parameters without embeddings: 12·n_layer·d_model² (Kaplan et al., 2020, section 2.1, with feed-forward layers four times as
  /// wide as the model).
  public var parameters: Double { 12 * Double(layers) * Double(width) * Double(width) }

  /// The shape of about so many parameters whose width is `aspect` times its depth, two layers at least and heads of 32 features.
  ///
  /// Henighan et al. (2020, section 2.2) find about 100 best for language, and about 10 for images, video and mathematics.
  public init(parameters: Double, aspect: Double) {
    let depth = pow(parameters / (12 * aspect * aspect), 1.0 / 3)
    layers = max(2, Int(depth.rounded()))
    let heads = max(1, Int((sqrt(parameters / (12 * Double(layers))) / 32).rounded()))
    (self.heads, width) = (heads, 32 * heads)
  }
}
