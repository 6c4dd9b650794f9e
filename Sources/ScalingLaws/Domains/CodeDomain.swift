public import Alignment
import Programming
public import Statistics

/// Code: pieces of the machine's own Python library, as bytes.
///
/// Files are kept and held out as ``CodeCorpus`` does it: none twice, none generated, none under a licence that forbids it.
public struct CodeDomain: ScalingDomain {
  /// The name.
  public let name = "code"
  /// One line.
  public let title = "the machine's Python library as bytes"
  /// The bytes and what begins a sequence.
  public let vocabularySize = 257
  /// Bytes of a sequence.
  public let context = 128
  /// Those of language.
  public let proportions = ModelProportions.language
  /// Language is the nearest that the paper has.
  public let published: String? = "language"
  private let training: [UInt8]
  private let heldOut: [UInt8]

  /// Reads the library.
  ///
  /// - Throws: `DataError` where there is no python3 or its library has no sources.
  public init() throws {
    let corpus = try CodeCorpus(folder: CodeCorpus.pythonLibrary())
    // Every twentieth file is held out.
    let files = corpus.documents.enumerated()
    training = files.filter { $0.offset % 20 != 0 }.flatMap { Array($0.element.text.utf8) }
    heldOut = files.filter { $0.offset % 20 == 0 }.flatMap { Array($0.element.text.utf8) }
  }

  /// The bytes that there are to learn from.
  public var trainingTokens: Int { training.count }

  /// Draws a piece that begins anywhere.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    let bytes = part == .training ? training : heldOut
    let start = random.index(below: max(1, bytes.count - context))
    return TargetedTokens(following: bytes[start..<min(start + context, bytes.count)].map { Int($0) + 1 })
  }
}
