/// A summary with all that it was made of: `summary.json`.
///
/// Positions count code points: those of a passage in `text.txt` beside the file, those of a sentence in its node's text.
public struct SummaryTree: Sendable, Codable, Equatable {
  /// The source of a sentence.
  public struct Source: Sendable, Codable, Equatable {
    /// The node that it is in: a child, or the node's own passage.
    public var node: String
    /// The child's sentence; nil in a passage.
    public var sentence: Int?
    /// Where it stands: in the child's text, or in the book's.
    public var start: Int
    /// Behind its last code point.
    public var end: Int
    /// The share of the sentence's words that it accounts for, weighted by how rare they are.
    public var score: Double
  }

  /// A sentence of a summary.
  public struct Sentence: Sendable, Codable, Equatable {
    /// Where it stands in its node's text.
    public var start: Int
    /// Behind its last code point.
    public var end: Int
    /// The sentence.
    public var text: String
    /// Where it came from, the likeliest first; none where nothing of it was found below.
    public var sources: [Source]
  }

  /// A node: a passage's summary, or a summary of summaries.
  public struct Node: Sendable, Codable, Equatable {
    /// Its name, such as `h1-3`: height and number.
    public var id: String
    /// 0 where a passage is summarised.
    public var height: Int
    /// The names of the nodes that it summarises.
    public var children: [String]
    /// The heading of the chapter in which it begins.
    public var chapter: String?
    /// Where what it covers begins in the book's text.
    public var start: Int
    /// Behind what it covers.
    public var end: Int
    /// The summary.
    public var text: String
    /// Its sentences.
    public var sentences: [Sentence]
    /// The tokens that the model read for it, about; 0 where it wasn't asked.
    public var read: Int
    /// The tokens that the model wrote.
    public var written: Int
    /// Whether a person wrote it.
    public var edited: Bool
    /// What a reader should know of it.
    public var caveats: [String]
  }

  /// The book's title.
  public var title: String?
  /// Its author.
  public var author: String?
  /// The file or address it came from.
  public var source: String
  /// The model that wrote.
  public var model: String
  /// What decided about it.
  public var settings: SummarySettings
  /// Instructions in place of the built-in ones; nil for those.
  public var instructions: String?
  /// The root's name.
  public var root: String
  /// What a reader should know about how the book was read.
  public var remarks: [String]
  /// All nodes, the lowest first.
  public var nodes: [Node]

  /// The node of a name.
  public func node(_ id: String) -> Node? { nodes.first { $0.id == id } }
  /// The whole book's summary.
  public var summary: String { node(root)?.text ?? "" }
  /// The number of heights.
  public var height: Int { nodes.map(\.height).max() ?? 0 }
}
