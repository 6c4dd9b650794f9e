public import Settings

/// The settings of painting a picture.
public struct PictureSettings: DeclaredSettings {
  /// The colour of the canvas.
  public enum Ground: String, Sendable, Codable, CaseIterable, SettingValue {
    /// The picture's mean colour, as painters tone a canvas.
    case tone
    /// White paper.
    case white
  }

  /// Strokes in all.
  @Setting("strokes", .count(), "count", "Strokes in all.")
  public var strokes = 300
  /// The colour of the canvas before the first stroke.
  @Setting("ground", .any, "name", "The canvas before the first stroke: tone (the picture's mean colour) or white.")
  public var ground = Ground.tone
  /// Steps of gradient in each layer.
  @Setting("steps", .count(), "count", "Steps of gradient in each layer.")
  public var steps = 120
  /// Pixels of 64 that neighbouring frames share.
  @Setting("overlap", .from(0, to: 48), "pixels", "Pixels of 64 that neighbouring frames share.")
  public var overlap = 10
  /// Adam's rate on the logits of the strokes' numbers.
  @Setting("learning_rate", .above(0), "rate", "Adam's rate on the logits of the strokes' numbers.")
  public var learningRate = 0.06
  /// The longer side of the painting in pixels.
  @Setting("size", .from(64, to: 16_384), "pixels", "The longer side of the painting.")
  public var size = 2048
  /// Seeds where strokes begin.
  @Setting("seed", .any, "number", "Seeds where strokes begin.")
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// The steps of all layers.
  public var totalSteps: Int { layers.count * steps }

  /// Frames along the longer side and strokes of each layer: a layer has four times the frames of the one before, and is made
  /// where each of its frames gets several strokes.
  var layers: [(across: Int, strokes: Int)] {
    var shares: [(across: Int, share: Double)] = [(1, 1)]
    while shares.count < 5, strokes >= 12 * (1 << (2 * shares.count)) {
      shares.append((1 << shares.count, Double(1 << shares.count) * Double(1 << shares.count) * 0.7))
    }
    let total = shares.reduce(0) { $0 + $1.share }
    var counts = shares.map { max(1, Int(Double(strokes) * $0.share / total)) }
    counts[counts.count - 1] += strokes - counts.reduce(0, +)
    return zip(shares, counts).map { ($0.across, $1) }.filter { $0.1 > 0 }
  }
}
