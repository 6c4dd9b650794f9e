public import Alignment
public import Statistics

/// Images of an ``ImageSource`` as bytes in raster order.
public struct ImageDomain: ScalingDomain {
  /// The source.
  public let source: ImageSource
  /// Those of images.
  public let proportions = ModelProportions.image

  /// Images of so many pixels a side.
  public init(side: Int, seed: UInt64) { source = ImageSource(side: side, seed: seed) }

  /// `image-8` and `image-16`.
  public var name: String { "image-\(source.side)" }
  /// One line.
  public var title: String { "images of \(source.side)² pixels as bytes in raster order, whose entropy is known" }
  /// The paper's images of the same size.
  public var published: String? { name }
  /// The bytes and what begins an image.
  public var vocabularySize: Int { 257 }
  /// The bytes of an image.
  public var context: Int { source.byteCount }

  /// Draws an image.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    TargetedTokens(following: source.image(&random).bytes.map { $0 + 1 })
  }

  /// The logarithm of an image's probability.
  public func logProbability(of sequence: TargetedTokens) -> Double? {
    source.logProbability(of: sequence.targets.map { $0 - 1 })
  }
}
