import Foundation
public import Statistics

/// A generated picture with a caption that tells some of what is on it, so that their mutual information is known.
///
/// A picture is a figure in one of 7 colours at one of 9 places on a ground of another colour, 8 by 8 pixels, each of one of two
/// shades by chance. The caption tells of each of the four whether by a coin of its own, in one of two words: what it tells stands in
/// the picture beyond doubt, and what it doesn't isn't in it. So I(caption; picture) is the sum of the entropies of what is told.
public struct CaptionedScene: Sendable, Equatable {
  /// The values of a picture's figure, colour, place and ground.
  public static let values = [6, 7, 9, 6]
  /// The chance that a caption tells of one of them.
  public static let mention = 0.75
  /// Pixels in a row.
  public static let side = 8
  /// Words of a caption, of which blanks are some.
  public static let captionLength = values.count
  /// The pixels' colours in two shades.
  public static let shades = 16
  /// The words: a blank, then two for each value.
  public static let words = 1 + 2 * values.reduce(0, +)

  /// The picture: shades from 0 to 15, row after row.
  public var pixels: [Int]
  /// The caption: words from 0 (the blank) to 56.
  public var caption: [Int]

  /// The mutual information of picture and caption in nats.
  public static var mutualInformation: Double {
    values.reduce(0) { $0 + mention * log(Double($1)) }
  }

  /// The entropy of a caption in nats.
  public static var captionEntropy: Double {
    let coin = -(mention * log(mention) + (1 - mention) * log(1 - mention))
    return values.reduce(0) { $0 + coin + mention * (log(Double($1)) + log(2)) }
  }

  /// The entropy of a picture in nats.
  public static var pictureEntropy: Double {
    values.reduce(0) { $0 + log(Double($1)) } + Double(side * side) * log(2)
  }

  /// The figures, three by three pixels.
  private static let figures = [
    [1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 1, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 0, 1, 1, 1, 1],
    [0, 1, 0, 0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 1, 0, 0, 0],
  ]

  /// Draws a picture and its caption.
  public init(_ random: inout SeededGenerator) {
    let drawn = Self.values.map { random.index(below: $0) }
    let (figure, colour, place) = (Self.figures[drawn[0]], drawn[1] + 1, drawn[2])
    // The ground is one of the other colours.
    let ground = drawn[3] + 1 < colour ? drawn[3] + 1 : drawn[3] + 2
    let (left, top) = (place % 3 * 2 + 1, place / 3 * 2 + 1)
    pixels = (0..<Self.side * Self.side).map { pixel in
      let (x, y) = (pixel % Self.side - left, pixel / Self.side - top)
      let isFigure = (0..<3).contains(x) && (0..<3).contains(y) && figure[3 * y + x] == 1
      return 2 * (isFigure ? colour : ground) + random.index(below: 2)
    }
    var first = 1
    caption = []
    for (value, count) in zip(drawn, Self.values) {
      let isTold = random.uniform() < Self.mention
      caption.append(isTold ? first + 2 * value + random.index(below: 2) : 0)
      first += 2 * count
    }
  }
}
