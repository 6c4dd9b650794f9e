/// Somebody said in words what is wrong with a response.
public struct Critique: Sendable, Codable, Equatable, Identifiable {
  /// A passage of a response.
  public struct Passage: Sendable, Codable, Equatable {
    /// Its begin in the response's text, in Unicode scalars, as Python counts.
    public var start: Int
    /// Its end, not included.
    public var end: Int
    /// The passage itself.
    public var text: String

    /// Names a passage.
    public init(start: Int, end: Int, text: String) { (self.start, self.end, self.text) = (start, end, text) }
  }

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
  /// The passage that it is about; nil for the whole response.
  public var passage: Passage?
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a critique.
  public init(
    id: String = newIdentifier(), prompt: Prompt, response: Response, text: String,
    axis: String? = nil, severity: Double? = nil, refinement: String? = nil,
    passage: Passage? = nil, provenance: Provenance
  ) {
    self.id = id
    self.prompt = prompt
    self.response = response
    self.text = text
    self.axis = axis
    self.severity = severity
    self.refinement = refinement
    self.passage = passage
    self.provenance = provenance
  }
}
