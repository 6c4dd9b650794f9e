/// Somebody put a response on a scale.
public struct Rating: Sendable, Codable, Equatable, Identifiable {
  /// Unique in a store.
  public var id: String
  /// The prompt of the response.
  public var prompt: Prompt
  /// The rated response.
  public var response: Response
  /// The rated quality, such as `overall` or `accuracy`.
  public var axis: String
  /// The value; higher is better.
  public var value: Double
  /// The lowest value of the scale.
  public var lowest: Double
  /// The highest value of the scale.
  public var highest: Double
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a rating, by default on the seven-point scale of the summarization studies.
  public init(
    id: String = newIdentifier(), prompt: Prompt, response: Response, axis: String = "overall",
    value: Double, scale: ClosedRange<Double> = 1...7, provenance: Provenance
  ) {
    self.id = id
    self.prompt = prompt
    self.response = response
    self.axis = axis
    self.value = value
    self.lowest = scale.lowerBound
    self.highest = scale.upperBound
    self.provenance = provenance
  }

  /// Whether the response is in the upper half of the scale; nil in its very middle.
  public var isDesirable: Bool? {
    let middle = (lowest + highest) / 2
    return value == middle ? nil : value > middle
  }
}
