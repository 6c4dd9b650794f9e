public import LanguageModels
import Torch

/// Models that make vectors of texts, on a thread of their own, for callers on any other.
///
/// ```swift
/// let embedders = try await EmbeddingHost { [("minilm", try TextEmbedder(contentsOf: folder))] }
/// let server = try ModelServer(host: nil, embedders: embedders)
/// ```
public final class EmbeddingHost: Sendable {
  /// What callers need to know of a model.
  public struct Model: Sendable {
    /// The name by which requests ask for it.
    public var name: String
    /// Features of a vector.
    public var width: Int
    /// The most tokens of a text.
    public var maximumTokens: Int
    /// Number of tokens.
    public var vocabularySize: Int
  }

  private struct State {
    var loaded: [(name: String, embedder: TextEmbedder)]
  }

  /// The models.
  public let models: [Model]
  private let thread: TensorThread<State>

  /// Loads models on a new thread.
  ///
  /// - Throws: what `load` throws.
  public init(
    _ load: @escaping @Sendable () throws -> sending [(name: String, embedder: TextEmbedder)]
  ) async throws {
    thread = try await TensorThread(name: "embedders") { State(loaded: try load()) }
    models = await thread.onTensorThread { state in
      state.loaded.map { name, embedder in
        Model(
          name: name, width: embedder.width, maximumTokens: embedder.maximumTokens,
          vocabularySize: embedder.vocabularySize)
      }
    }
  }

  /// The vectors of each text, and how many tokens were read.
  ///
  /// - Parameter truncating: to how many tokens longer texts are cut; nil refuses them.
  /// - Throws: `GenerationError` for a text that can't be read.
  func embeddings(
    _ input: PromptInput, model index: Int, dimensions: Int?, truncating: Int?
  ) async throws -> (vectors: [[Float]], tokens: Int) {
    try await thread.onTensorThread { state in
      let embedder = state.loaded[index].embedder
      let tokens: [[Int]]
      switch input {
      case .tokens(let lists): tokens = truncating.map { most in lists.map { Array($0.prefix(most)) } } ?? lists
      case .texts(let texts): tokens = try embedder.tokens(of: texts, atMost: truncating ?? .max).tokens
      }
      return (
        try embedder.embeddings(ofTokens: tokens, dimensions: dimensions), tokens.reduce(0) { $0 + $1.count }
      )
    }
  }
}
