import Documents

/// What the snippets of `Tokenization` take for granted.
struct TokenizationSnippets {
  let documents: [String]
  let folder: URL
  let tokenizer: Tokenizer
  let ids: [Int]
  let pieces: [String]
  let schema: JSONValue
}
