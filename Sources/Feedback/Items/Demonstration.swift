/// Somebody showed how it is done: a prompt and a completion to imitate.
public struct Demonstration: Sendable, Codable, Equatable, Identifiable {
  /// Unique in a store.
  public var id: String
  /// The prompt.
  public var prompt: Prompt
  /// The wanted completion; it names a policy where a person edited that policy's sample.
  public var completion: Response
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a demonstration.
  public init(
    id: String = newIdentifier(), prompt: Prompt, completion: Response, provenance: Provenance
  ) {
    self.id = id
    self.prompt = prompt
    self.completion = completion
    self.provenance = provenance
  }
}
