/// The quality of a simulated writer's work.
public enum WritingQuality: String, Sendable, Codable, CaseIterable {
  /// States all six facts, and nothing else.
  case good
  /// Leaves out two to four facts.
  case partial
  /// States one or two facts wrongly.
  case unfaithful
  /// States most facts, in many more words than needed.
  case rambling
}

/// A summary by a simulated writer.
public struct WrittenSummary: Sendable, Codable, Hashable {
  /// One line without a leading space.
  public var text: String
  /// The writer's intention, which the judge doesn't know.
  public var quality: WritingQuality

  /// Makes a summary of known quality.
  public init(text: String, quality: WritingQuality) {
    self.text = text
    self.quality = quality
  }
}
