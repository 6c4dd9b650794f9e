import Tokenization
import Torch

/// A prompt that is read once for all completions that begin with it.
final class Prompt {
  /// The properties that make two prompts one.
  struct Key: Hashable {
    var tokens: [Int]
    var model: Int
    var alternatives: Int?
  }

  let key: Key
  /// Completions that have not started yet.
  var waiting = 0
  /// The part of the prompt that has been read.
  var sequence = PagedCache.Sequence()
  /// Whether it was read in part and goes on in the next step.
  var isReading = false
  /// The number of its tokens that this step reads.
  var chunk = 0
  /// The number of its tokens that the cache had.
  var cachedTokens = 0
  /// The logits after its last token, once it has been read.
  var logits: Tensor?
  /// The log-probabilities of its tokens, as far as they were read and if asked for.
  var scores: [ScoredToken] = []

  init(_ key: Key) { self.key = key }

  var tokens: [Int] { key.tokens }
  var unread: Int { tokens.count - sequence.length }
}

/// A completion from its request to its end.
final class GenerationStream {
  let request: GenerationRequest
  /// The request's number.
  let number: Int
  let sample: Int
  /// The place in the order of arrival: the youngest gives way first when memory is short.
  let order: Int
  var prompt: Prompt
  var sequence = PagedCache.Sequence()
  var ids: [Int] = []
  var logProbabilities: [Float] = []
  var alternatives: [[TokenScore]] = []
  private(set) var text = ""
  private var sentBytes = 0
  private var decoder: IncrementalDecoder?
  /// Whether its prompt was reported; false again never, so that a completion that gave way isn't announced twice.
  var isAnnounced = false
  var isFinished = false
  /// The count of each drawn token, kept where a penalty needs it.
  var counts: [Int: Int] = [:]
  let matcher: ConstraintMatcher?
  var constraintState: ConstraintMatcher.State?
  /// Tokens that come next whatever the model thinks of them.
  var inserted: ArraySlice<Int> = []
  /// The tokens that prompt look-up or a draft model proposed for this step.
  var draft: [Int] = []
  /// The distributions that the draft was drawn from; none where it was looked up or is greedy.
  var proposals: [TokenDistribution] = []
  /// The part that the draft model has read.
  var draftSequence = PagedCache.Sequence()
  /// The numbers that decide about it.
  let random: CompletionRandom

  init(
    request: GenerationRequest, number: Int, sample: Int, order: Int, prompt: Prompt,
    tokenizer: Tokenizer?, matcher: ConstraintMatcher?
  ) {
    self.request = request
    self.number = number
    self.sample = sample
    self.order = order
    self.prompt = prompt
    decoder = tokenizer.map { IncrementalDecoder($0, showing: request.shownTokens) }
    self.matcher = matcher
    random = CompletionRandom(
      seed: request.parameters.seed &+ UInt64(sample) &* 0x9E37_79B9_7F4A_7C15)
    constraintState = matcher?.start
  }

  var parameters: SamplingParameters { request.parameters }
  var tokens: [Int] { request.prompt + ids }

  /// Takes in the text of a token; true where a stop text ended the completion.
  func append(_ id: Int) -> Bool {
    guard let piece = decoder?.append(id) else { return false }
    text += piece
    guard let cut = Self.stopPosition(in: text, parameters.stop, newest: piece) else { return false }
    text = String(text[..<cut])
    decoder = nil
    return true
  }

  /// Adds what an unfinished character left, for a completion that was cut off.
  func flush() {
    text += decoder?.finish() ?? ""
    decoder = nil
  }

  /// The text that has become certain since the last call.
  ///
  /// - Parameter isWhole: whether nothing follows, so that the beginning of a stop text is text.
  func takeText(isWhole: Bool) -> String {
    let bytes = text.utf8
    let end = bytes.count - (isWhole ? 0 : Self.doubtfulSuffix(of: bytes, parameters.stop))
    guard end > sentBytes else { return "" }
    let from = bytes.index(bytes.startIndex, offsetBy: sentBytes)
    let to = bytes.index(bytes.startIndex, offsetBy: end)
    sentBytes = end
    return String(decoding: bytes[from..<to], as: UTF8.self)
  }

  /// The number of last bytes that may be the beginning of a stop text.
  private static func doubtfulSuffix(of text: String.UTF8View, _ stops: [String]) -> Int {
    var longest = 0
    for stop in stops {
      let stop = Array(stop.utf8)
      var length = min(stop.count - 1, text.count)
      while length > longest {
        if text.suffix(length).elementsEqual(stop[..<length]) { longest = length }
        length -= 1
      }
    }
    return longest
  }

  /// Finds the first stop text, looking only as far back as a match of the newest piece can reach.
  private static func stopPosition(in text: String, _ stops: [String], newest: String) -> String.Index? {
    guard !stops.isEmpty else { return nil }
    let reach = (stops.map(\.utf8.count).max() ?? 0) + newest.utf8.count
    let from =
      text.utf8.index(text.utf8.endIndex, offsetBy: -reach, limitedBy: text.utf8.startIndex)
      ?? text.utf8.startIndex
    let start = from.samePosition(in: text) ?? text.startIndex
    return stops.compactMap { text.range(of: $0, from: start)?.lowerBound }.min()
  }

  /// Finds what followed the last occurrence of the text's end, looking for its last three tokens, then two.
  func lookUpDraft() -> [Int] {
    let wanted = min(
      parameters.lookupTokens, parameters.maxTokens - ids.count - 1)
    guard wanted > 0 else { return [] }
    let all = tokens
    for length in [3, 2] where all.count > length {
      let tail = all.suffix(length)
      var i = all.count - length - 1
      while i >= 0 {
        if all[i..<i + length].elementsEqual(tail) {
          return Array(all[(i + length)..<min(all.count, i + length + wanted)])
        }
        i -= 1
      }
    }
    return []
  }
}

extension String {
  /// The first occurrence at or after `start`, byte for byte.
  fileprivate func range(of needle: String, from start: Index) -> Range<Index>? {
    let bytes = Array(needle.utf8)
    var i = start
    let view = utf8
    while i < view.endIndex {
      if view[i...].starts(with: bytes) { return i..<view.index(i, offsetBy: bytes.count) }
      i = view.index(after: i)
    }
    return nil
  }
}
