import Documents
public import LanguageModels
public import Tokenization

/// A chat model in this process that writes actions by a grammar, so that it can't write one that can't be carried out.
public final class EngineBrowsingModel: BrowsingModel {
  private let engine: GenerationEngine
  private let tokenizer: Tokenizer
  private let model: Decoder
  private let parameters: SamplingParameters
  private let isConstrained: Bool

  /// A model.
  ///
  /// - Parameter isConstrained: whether a grammar holds it to actions that can be carried out.
  public init(
    model: Decoder, tokenizer: Tokenizer, temperature: Double = 0, seed: UInt64 = 0, isConstrained: Bool = true
  ) {
    (self.model, self.tokenizer, self.isConstrained) = (model, tokenizer, isConstrained)
    engine = GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 1, reusesPrefixes: true))
    var parameters = SamplingParameters(temperature: temperature, seed: seed)
    parameters.stopTokens = tokenizer.specialTokens.stops.filter { $0 < model.configuration.vocabularySize }
    self.parameters = parameters
  }

  private func write(_ system: String, _ text: String, grammar: String?, tokens: Int) throws -> String {
    let messages: [JSONValue] = [
      ["role": "system", "content": .string(system)], ["role": "user", "content": .string(text)],
    ]
    let prompt = try tokenizer.writtenChatPrompt(messages: messages).tokens
    var parameters = parameters
    parameters.maxTokens = tokens
    if grammar == nil { parameters.stop = ["\n"] }
    let request = GenerationRequest(
      prompt: prompt, parameters: parameters, constraint: try grammar.map { try Constraint.grammar($0) })
    return try engine.generate([request])[0][0].text
  }

  /// The action that the model writes; a quote that was cut by its length is a quote of its beginning.
  public func action(_ observation: String, choices: BrowsingChoices) throws -> String {
    try write(BrowsingPrompts.actions, observation, grammar: isConstrained ? choices.grammar : nil, tokens: 96)
  }

  /// The answer that the model writes.
  public func answer(_ question: String, quotes: [BrowsingQuote]) throws -> String {
    try write(
      BrowsingPrompts.answer, BrowsingPrompts.answering(question, quotes),
      grammar: isConstrained ? BrowsingChoices.answerGrammar(quotes: quotes.count) : nil, tokens: 192)
  }
}
