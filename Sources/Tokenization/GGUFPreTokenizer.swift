import Documents

/// How a byte-level tokenizer cuts text into words, by the name that GGUF files have for it (`tokenizer.ggml.pre`).
///
/// A GGUF file holds no patterns, only this name; what it stands for are the patterns of the `tokenizer.json` that the file
/// was converted from.
struct GGUFPreTokenizer {
  /// Each cuts what the one before it left in pieces; what a pattern doesn't match is a piece of its own.
  let patterns: [String]
  /// Whether a word that is a token is taken as it is, whatever its merges say.
  var ignoresMerges = false
  /// Whether text begins with BOS where the file doesn't say.
  var beginsWithBOS = false

  /// The pre-tokenizer of a name; nil if there is none of that name.
  init?(named name: String) {
    switch name {
    case "default":
      patterns = [#"[\p{P}\$\+<=>\^~\|]+"#, Self.gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]
    case "gpt-2", "gpt2", "phi-2", "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
      "roberta-bpe", "gigachat", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais", "trillion",
      "granite-docling", "exaone4":
      patterns = [Self.gpt2]
    case "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2":
      patterns = [#"\p{N}"#, Self.gpt2]
    case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano":
      (patterns, ignoresMerges, beginsWithBOS) = ([Self.llama3], true, true)
    case "glm4", "glm5": (patterns, ignoresMerges) = ([Self.llama3], true)
    case "dbrx", "smaug-bpe", "olmo2", "chatglm-bpe": patterns = [Self.llama3]
    case "minicpm5": (patterns, ignoresMerges) = ([#"\p{N}{1,3}"#, SplitPattern.modern(digits: #"\p{N}+"#)], true)
    case "qwen2", "qwen3", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "megrez", "hunyuan", "solar-open",
      "grok-2":
      patterns = [Self.qwen2]
    case "qwen35":
      patterns = [
        Self.contraction + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"# + Self.spaces
      ]
    case "laguna": patterns = [#"[^\n]+|[\n]+"#, Self.qwen2]
    case "ufakzeka":
      patterns = [#"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + Self.spaces]
    case "seed-coder":
      patterns = [
        Self.contraction + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+"# + Self.spaces
      ]
    case "bailingmoe", "bailingmoe2", "llada-moe":
      patterns = [
        Self.contraction + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]
    case "exaone-moe":
      patterns = [
        Self.contraction + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"#
          + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]
    case "jais-2":
      patterns = [
        Self.contraction + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"#
          + [512, 256, 128, 64, 32, 16, 8, 4].map { #"\s{\#($0)}(?!\S)|"# }.joined() + #"\s{1,2}(?!\S)|\s{1}"#
      ]
    case "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2":
      patterns = [Self.byCase(ending: Self.contraction + "?", digits: #"\p{N}{1,3}"#)]
    case "granite-embed-multi-97m":
      (patterns, ignoresMerges) = ([Self.byCase(ending: Self.contraction + "?", digits: #"\p{N}{1,3}"#)], true)
    case "tiny_aya", "cohere2moe":
      patterns = [
        #"\d{1,3}(?=(?:\d{3})*\b)"#, Self.byCase(ending: Self.contraction + "?", digits: #"\p{N}{1,3}"#),
      ]
    case "youtu":
      patterns = [
        "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+",
        Self.byCase(ending: Self.contraction + "?", digits: #"\p{N}"#),
      ]
      ignoresMerges = true
    case "tekken":
      (patterns, ignoresMerges, beginsWithBOS) = ([Self.byCase(ending: "", digits: #"\p{N}"#)], true, true)
    case "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4":
      patterns = [#"\p{N}{1,3}"#, "[一-龥぀-ゟ゠-ヿ]+", Self.deepseek + #"[\r\n]*"# + Self.spaces]
    case "spark2_5":
      patterns = [
        #"\p{N}{1,3}"#, "[一-龥぀-ゟ゠-ヿ]+", Self.deepseek + #"|[\r\n]|\s+(?!\S)|\s+"#, #"\p{N}"#,
      ]
    case "deepseek-llm":
      patterns = [
        #"[\r\n]"#, #"\s?[\p{Lu}\p{Ll}\p{Lt}]+"#, #"\s?[!-/:-~！-／：-～‘-‟　-。]+"#, #"\s+$"#,
        "[一-龥ࠀ-一가-퟿]+", #"\p{N}+"#,
      ]
    case "deepseek-coder":
      patterns = [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, "[一-龥ࠀ-一가-퟿]+", #"\p{N}"#]
    case "falcon": patterns = [#"[\p{P}\$\+<=>\^~\|`]+"#, Self.gpt2, "[0-9][0-9][0-9]"]
    case "poro-chat", "bloom", "gpt3-finnish": patterns = [Self.bloom]
    case "viking": patterns = [Self.bloom, #"\p{N}"#]
    default: return nil
    }
  }

  /// The pre-tokenizer object that a tokenizer file has for it.
  var json: JSONValue { SplitPattern.preTokenizer(of: patterns) }

  // MARK: Patterns, and parts that several have

  private static let gpt2 = SplitPattern.gpt2.regularExpression
  private static let llama3 = SplitPattern.llama3.regularExpression
  private static let qwen2 = SplitPattern.qwen2.regularExpression
  private static let contraction = SplitPattern.contraction
  private static let spaces = SplitPattern.spaces
  private static let bloom = #" ?[^(\s|.,!?…。，、।۔،)]+"#
  private static let deepseek =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+"##

  /// `o200k` and its like: words end where lower case turns to upper case.
  private static func byCase(ending: String, digits: String) -> String {
    let (upper, lower) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    let lead = #"[^\r\n\p{L}\p{N}]?"#
    return "\(lead)\(upper)*\(lower)+\(ending)|\(lead)\(upper)+\(lower)*\(ending)|\(digits)"
      + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + spaces
  }
}
