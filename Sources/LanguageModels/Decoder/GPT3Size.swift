public import Settings

/// The eight sizes of GPT-3, by the names of the paper's table of models (Brown 2020, table 2.1).
///
/// Two rows of that table contradict themselves: 24 heads of 128 features for a model 2,048 wide, and a width of 5,140 for 40 heads of
/// 128. The parameter counts of appendix D decide: they are those of 16 heads, and of a width of 5,120.
///
/// ```swift
/// let shape = GPT3Size.small.configuration()
/// print(shape.parameterCount)   // 125,194,752
/// ```
public enum GPT3Size: String, Sendable, Codable, CaseIterable, SettingValue {
  /// 125 million parameters.
  case small = "gpt3-small"
  /// 350 million.
  case medium = "gpt3-medium"
  /// 760 million.
  case large = "gpt3-large"
  /// 1.3 billion.
  case xl = "gpt3-xl"
  /// 2.7 billion.
  case billions3 = "gpt3-2.7b"
  /// 6.7 billion.
  case billions7 = "gpt3-6.7b"
  /// 13 billion.
  case billions13 = "gpt3-13b"
  /// 175 billion.
  case billions175 = "gpt3-175b"

  /// Layers, features, and heads.
  public var shape: (layers: Int, width: Int, heads: Int) {
    switch self {
    case .small: (12, 768, 12)
    case .medium: (24, 1024, 16)
    case .large: (24, 1536, 16)
    case .xl: (24, 2048, 16)
    case .billions3: (32, 2560, 32)
    case .billions7: (32, 4096, 32)
    case .billions13: (40, 5120, 40)
    case .billions175: (96, 12_288, 96)
    }
  }

  /// The tokens of a step that it was trained with.
  public var batchTokens: Int {
    switch self {
    case .small, .medium, .large: 500_000
    case .xl, .billions3: 1_000_000
    case .billions7, .billions13: 2_000_000
    case .billions175: 3_200_000
    }
  }

  /// The peak learning rate that it was trained with.
  public var learningRate: Double {
    switch self {
    case .small: 6e-4
    case .medium: 3e-4
    case .large: 2.5e-4
    case .xl: 2e-4
    case .billions3: 1.6e-4
    case .billions7: 1.2e-4
    case .billions13: 1e-4
    case .billions175: 0.6e-4
    }
  }

  /// The size's configuration, over GPT-2's vocabulary and the paper's 2,048 tokens unless others are given.
  public func configuration(
    vocabularySize: Int = 50_257, contextLength: Int = 2048, window: Int = 256, endOfText: Int? = nil
  ) -> DecoderConfiguration {
    .gpt3(
      vocabularySize: vocabularySize, width: shape.width, layers: shape.layers, heads: shape.heads,
      contextLength: contextLength, window: window, endOfText: endOfText)
  }
}

extension DecoderConfiguration {
  /// A GPT-3 of any size (Brown 2020): GPT-2 whose layers see the whole text and a band of it in turns, as the Sparse Transformer's
  /// locally banded heads do (Child 2019).
  ///
  /// Layer 0 is dense, layer 1 banded, and so on. The width of the band isn't published; 256 is GPT-Neo's, the reimplementation whose
  /// files `transformers` reads, and whose form this has: no biases on queries, keys and values, and q·k as it is, the usual division
  /// by √headWidth lying in the queries' first weights.
  /// - Parameter window: the tokens that a banded layer sees, the newest included.
  public static func gpt3(
    vocabularySize: Int, width: Int, layers: Int, heads: Int, contextLength: Int, window: Int = 256,
    endOfText: Int? = nil
  ) -> DecoderConfiguration {
    var made = gpt2(
      vocabularySize: vocabularySize, width: width, layers: layers, heads: heads, contextLength: contextLength,
      endOfText: endOfText)
    made.family = .gptNeo
    made.attentionBias = false
    made.attentionMultiplier = 1
    made.layerTypes = (0..<layers).map { $0 % 2 == 0 ? .full : .sliding }
    made.slidingWindow = layers > 1 ? window : nil
    if layers == 1 { made.layerTypes = [] }
    return made
  }
}
