public import Alignment
public import Statistics

/// Pictures with captions, one after the other in either order.
///
/// Mutual information is what the loss on the second falls by when the first is there: I = L(blank) − L(with it). A model that never
/// saw blanks is surprised by them, and I comes out too large, so that it is tuned on a half-and-half mixture first (Henighan et
/// al., 2020, section 3.4). The parts ``DomainPart/blank`` and ``DomainPart/conditional`` measure the two losses.
public struct CaptionedImageDomain: ScalingDomain {
  /// Which comes first.
  public enum Order: String, Sendable {
    case textToImage = "text-to-image"
    case imageToText = "image-to-text"
  }

  /// The order.
  public let order: Order
  /// Those of text with images.
  public let proportions = ModelProportions.language
  /// Both losses.
  public let furtherParts = [DomainPart.conditional, .blank]

  /// A domain.
  public init(_ order: Order) { self.order = order }

  /// The order's name.
  public var name: String { order.rawValue }
  /// One line.
  public var title: String {
    order == .textToImage
      ? "captions and the pictures that they tell of, whose mutual information is known"
      : "pictures and captions that tell of them, whose mutual information is known"
  }
  /// The paper's law of the second part.
  public var published: String? { order == .textToImage ? "text-to-image-image" : "image-to-text-text" }
  /// What begins a sequence, the words with the blank, the shades, and a blank for pictures.
  public var vocabularySize: Int { Self.firstShade + CaptionedScene.shades + 1 }
  /// The words of a caption and the pixels of a picture.
  public var context: Int { CaptionedScene.captionLength + CaptionedScene.side * CaptionedScene.side }
  /// The tokens of what comes second.
  public var secondLength: Int {
    order == .textToImage ? CaptionedScene.side * CaptionedScene.side : CaptionedScene.captionLength
  }

  private static let firstShade = 1 + CaptionedScene.words
  private static let blankPixel = firstShade + CaptionedScene.shades

  /// Draws a picture and its caption.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    let scene = CaptionedScene(&random)
    let isBlank = part == .blank || (part == .tuning && random.uniform() < 0.5)
    var (words, pixels) = (scene.caption.map { $0 + 1 }, scene.pixels.map { $0 + Self.firstShade })
    switch (order, isBlank) {
    case (_, false): break
    case (.textToImage, true): words = words.map { _ in 1 }
    case (.imageToText, true): pixels = pixels.map { _ in Self.blankPixel }
    }
    var made = TargetedTokens(following: order == .textToImage ? words + pixels : pixels + words)
    if part != .training, part != .heldOut {
      for place in 0..<context - secondLength { made.targets[place] = -100 }
    }
    return made
  }
}
