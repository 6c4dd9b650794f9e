import Documents
import Tokenization

/// Texts as tokens in lm-evaluation-harness's way, which its Hugging Face backend shares with others.
struct TextTokens {
  let tokenizer: Tokenizer
  /// Whether a text gets the token that begins one: as its tokenizer does where nil.
  let addsBeginning: Bool?
  /// The token that stands before what has no context: the beginning of a text, or else its end.
  let prefix: Int
  private let prefixText: String
  private var known: [String: [Int]] = [:]

  init(_ tokenizer: Tokenizer, addsBeginning: Bool?) throws {
    self.tokenizer = tokenizer
    self.addsBeginning = addsBeginning
    func named(_ key: String, else fallback: Int?) -> Int? {
      guard let entry = tokenizer.configuration[key] else { return fallback }
      return (entry.string ?? entry["content"]?.string).flatMap { tokenizer.tokenToID($0) }
    }
    // What tokenizer_config.json calls none is none, whatever generation_config.json says: Qwen's models have no beginning.
    guard
      let prefix = named("bos_token", else: tokenizer.specialTokens.bos)
        ?? named("eos_token", else: tokenizer.specialTokens.eos) ?? tokenizer.specialTokens.eos
    else {
      throw EvaluationError(
        "the tokenizer names no token that begins or ends a text, and the first token of a text can't be scored without one"
      )
    }
    self.prefix = prefix
    prefixText = tokenizer.decode([prefix], skipSpecialTokens: false)
  }

  /// The token that ends a text, spelled as in texts.
  var ending: String? {
    let entry = tokenizer.configuration["eos_token"]
    let id =
      (entry?.string ?? entry?["content"]?.string).flatMap { tokenizer.tokenToID($0) } ?? tokenizer.specialTokens.eos
    return id.map { tokenizer.decode([$0], skipSpecialTokens: false) }
  }

  /// The tokens of a text that may begin with a control token; such text is taken at its word, as the harness takes it.
  mutating func encode(_ text: String) -> [Int] {
    if let ids = known[text] { return ids }
    let begins = text.utf8.starts(with: prefixText.utf8) && !prefixText.isEmpty
    let ids = tokenizer.encode(text, addSpecialTokens: begins ? false : addsBeginning ?? true, allowSpecial: true)
    // Contexts are asked for again by each choice; whole texts are not.
    if known.count > 4096 { known = [:] }
    known[text] = ids
    return ids
  }

  /// The tokens of a context and of what follows it: those of both together, cut where the context's own end.
  mutating func pair(_ context: String, _ continuation: String) throws -> (context: [Int], continuation: [Int]) {
    if context.isEmpty {
      let ids = tokenizer.encode(continuation, addSpecialTokens: false, allowSpecial: true)
      guard let first = ids.first else { throw EvaluationError("an empty text can't be scored") }
      return first == prefix && ids.count > 1 ? ([first], Array(ids.dropFirst())) : ([prefix], ids)
    }
    let (body, space) = PythonText.trailingSpace(of: context)
    let own = encode(body)
    let begins = !prefixText.isEmpty && body.utf8.starts(with: prefixText.utf8)
    let whole = tokenizer.encode(
      body + space + continuation, addSpecialTokens: begins ? false : addsBeginning ?? true, allowSpecial: true)
    let rest = Array(whole.dropFirst(own.count))
    guard !rest.isEmpty else {
      throw EvaluationError(
        "nothing is left to score of \(continuation.prefix(60).debugDescription): it has no token of its own")
    }
    return (own.isEmpty ? [prefix] : own, rest)
  }

  /// The windows of a long text: each token is predicted once, with as much before it as fits.
  mutating func windows(_ text: String, length: Int) -> [(context: [Int], continuation: [Int])] {
    let ids = tokenizer.encode(
      text,
      addSpecialTokens: !prefixText.isEmpty && text.utf8.starts(with: prefixText.utf8) ? false : addsBeginning ?? true,
      allowSpecial: true)
    guard !ids.isEmpty else { return [] }
    let first = min(length, ids.count)
    var made = [(context: [prefix], continuation: Array(ids[..<first]))]
    var done = first
    while done < ids.count {
      let count = min(ids.count - done, length)
      let end = done + count
      made.append((Array(ids[(end - length - 1)..<(end - count)]), Array(ids[(end - count)..<end])))
      done = end
    }
    return made
  }
}
