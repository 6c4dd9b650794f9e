/// Somebody said in words what is wrong with a response.
public struct Critique: Sendable, Codable, Equatable, Identifiable {
  /// Unique in a store.
  public var id: String
  /// The prompt of the response.
  public var prompt: Prompt
  /// The criticised response.
  public var response: Response
  /// The criticism.
  public var text: String
  /// The criticised quality, such as `accuracy`.
  public var axis: String?
  /// The severity of the fault, from 0 (a trifle) to 1.
  public var severity: Double?
  /// The response as it should have been.
  public var refinement: String?
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a critique.
  public init(
    id: String = newIdentifier(), prompt: Prompt, response: Response, text: String,
    axis: String? = nil, severity: Double? = nil, refinement: String? = nil, provenance: Provenance
  ) {
    self.id = id
    self.prompt = prompt
    self.response = response
    self.text = text
    self.axis = axis
    self.severity = severity
    self.refinement = refinement
    self.provenance = provenance
  }
}
