// Which requests are taken in, and the prompts that several of them share.
extension GenerationScheduler {
  func check(_ request: GenerationRequest) throws {
    guard models.indices.contains(request.model) else {
      throw GenerationError("there is no model \(request.model)")
    }
    guard !request.prompt.isEmpty else { throw GenerationError("the prompt is empty") }
    guard request.samples > 0 else {
      throw GenerationError("\(request.samples) samples were asked for")
    }
    let parameters = request.parameters
    try parameters.validate()
    let configuration = models[0].configuration
    let count = request.prompt.count
    guard count < configuration.contextLength || (parameters.maxTokens == 0 && count == configuration.contextLength)
    else {
      throw GenerationError(
        "the prompt has \(count) tokens and the model's context is \(configuration.contextLength), "
          + "which leaves no room for an answer")
    }
    try models[0].check(PackedTokens([request.prompt]))
    if let bad = parameters.logitBias.keys.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
      throw GenerationError("logit_bias names token \(bad), which is outside the vocabulary")
    }
    if let bad = parameters.stopTokens.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
      throw GenerationError("stop token \(bad) is outside the vocabulary")
    }
    guard parameters.stop.isEmpty || tokenizer != nil else {
      throw GenerationError("stop texts need a tokenizer")
    }
    guard request.constraint == nil || tokenizer != nil else {
      throw GenerationError("a constraint needs a tokenizer")
    }
    guard request.insertion == nil || (tokenizer != nil && request.constraint == nil) else {
      throw GenerationError("an insertion needs a tokenizer and can't be had with a constraint")
    }
    let longest = count + min(configuration.contextLength - count, parameters.maxTokens)
    guard PagedCache.blocks(for: longest) <= cache.capacity else {
      throw GenerationError(
        "a prompt of \(count) tokens and \(parameters.maxTokens) new ones need \(longest) places in the cache, "
          + "which has \(cache.capacity * PagedCache.page)")
    }
  }

  func prompt(_ key: Prompt.Key) -> Prompt {
    if let known = prompts[key] { return known }
    let made = Prompt(key)
    prompts[key] = made
    return made
  }

  /// One completion less waits for the prompt; the last one takes it along.
  func leave(_ prompt: Prompt) {
    prompt.waiting -= 1
    guard prompt.waiting == 0 else { return }
    cache.release(&prompt.sequence)
    reading.removeAll { $0 === prompt }
    prompts[prompt.key] = nil
  }
}
