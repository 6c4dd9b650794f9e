import Documents
import Statistics

/// Whether documents of a task stand in the text that a model was trained on, and what that does to its results.
///
/// Two published ways. GPT-3's (Brown 2020): a document is dirty if it shares a run of N words with the training text, where N is
/// the 5th percentile of the documents' lengths, at least 8 and at most 13; runs that are in too many training documents say
/// nothing. GPT-4's (OpenAI 2023): three random substrings of 50 letters and digits, or the whole of a shorter document.
///
/// ```swift
/// var check = ContaminationCheck(.wordRuns, documents: texts)
/// for text in corpus { check.read(text) }
/// print(check.dirty.count, "of", texts.count)
/// ```
public struct ContaminationCheck: Sendable {
  /// How a document is looked for.
  public enum Method: String, Sendable, CaseIterable {
    /// Runs of 8 to 13 words.
    case wordRuns = "gpt3"
    /// Substrings of 50 letters and digits.
    case substrings = "gpt4"
  }

  /// How a document is looked for.
  public let method: Method
  /// The number of words of a run, where runs are looked for.
  public let runLength: Int
  /// The number of documents that are too short to be looked for.
  public let tooShort: Int
  /// The training texts that a run may stand in and still say something.
  public let mostTexts: Int

  /// The documents that hold a run or substring, by its hash.
  private var wanted: [UInt64: [Int]] = [:]
  private var texts: [UInt64: Int] = [:]
  private var substrings: [(bytes: [UInt8], document: Int)] = []
  private var lengths: Set<Int> = []

  private var found: Set<Int> = []

  /// The documents that were found in what was read so far, by their numbers.
  ///
  /// Of runs of words only those count that are in few training texts, so that a document can be found and be clean again.
  public var dirty: Set<Int> {
    texts.reduce(into: found) { found, entry in
      if entry.value <= mostTexts { found.formUnion(wanted[entry.key] ?? []) }
    }
  }

  /// A check of documents.
  ///
  /// - Parameters:
  ///   - documents: the texts that are looked for.
  ///   - seed: seeds the choice of substrings.
  ///   - mostTexts: runs in more training texts than this are common phrases; GPT-3's authors took 10.
  public init(_ method: Method, documents: [String], seed: UInt64 = 1, mostTexts: Int = 10) {
    self.method = method
    self.mostTexts = mostTexts
    switch method {
    case .wordRuns:
      let words = documents.map(Self.words)
      let counts = words.map(\.count).sorted()
      let fifth = counts.isEmpty ? 8 : counts[min(counts.count - 1, counts.count / 20)]
      let n = min(13, max(8, fifth))
      runLength = n
      tooShort = counts.count { $0 < n }
      for (document, words) in words.enumerated() where words.count >= n {
        for start in 0...words.count - n {
          let hash = Self.hash(of: words[start..<start + n])
          if wanted[hash]?.last != document { wanted[hash, default: []].append(document) }
        }
      }
    case .substrings:
      runLength = 0
      var random = SeededGenerator(seed: seed)
      var short = 0
      for (document, text) in documents.enumerated() {
        let bytes = Self.letters(text)
        if bytes.isEmpty {
          short += 1
          continue
        }
        let picks = bytes.count <= 50 ? [0] : (0..<3).map { _ in random.index(below: bytes.count - 49) }
        for start in picks {
          let part = Array(bytes[start..<min(start + 50, bytes.count)])
          wanted[Self.hash(part), default: []].append(substrings.count)
          substrings.append((part, document))
          lengths.insert(part.count)
        }
      }
      tooShort = short
    }
  }

  /// Reads one training text.
  public mutating func read(_ text: String) {
    switch method {
    case .wordRuns:
      let words = Self.words(text)
      guard words.count >= runLength else { return }
      var seen: Set<UInt64> = []
      for start in 0...words.count - runLength {
        let hash = Self.hash(of: words[start..<start + runLength])
        guard wanted[hash] != nil, seen.insert(hash).inserted else { continue }
        texts[hash, default: 0] += 1
      }
    case .substrings:
      let bytes = Self.letters(text)
      for length in lengths where bytes.count >= length {
        Self.forEachWindow(of: bytes, length: length) { start, hash in
          for place in wanted[hash] ?? [] where substrings[place].bytes.count == length {
            if bytes[start..<start + length].elementsEqual(substrings[place].bytes) {
              found.insert(substrings[place].document)
            }
          }
        }
      }
    }
  }

  /// Words as GPT-3's authors compared them: lower case, without punctuation.
  static func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }
  }

  /// Letters and digits alone.
  static func letters(_ text: String) -> [UInt8] {
    Array(
      String(
        text.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }.map(
          Character.init)
      ).utf8)
  }

  private static func hash(of words: ArraySlice<Substring>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for word in words {
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0x20) &* 0x100_0000_01B3
    }
    return hash
  }

  private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15 | 1

  private static func hash(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { $0 &* base &+ UInt64($1) + 1 } }

  private static func forEachWindow(of bytes: [UInt8], length: Int, _ body: (Int, UInt64) -> Void) {
    var power: UInt64 = 1
    for _ in 0..<length { power = power &* base }
    var hash: UInt64 = 0
    for (i, byte) in bytes.enumerated() {
      hash = hash &* base &+ UInt64(byte) + 1
      if i >= length { hash = hash &- power &* (UInt64(bytes[i - length]) + 1) }
      if i >= length - 1 { body(i - length + 1, hash) }
    }
  }
}

/// A metric on all documents, on those that are clean, and on those that are dirty.
public struct CleanSubset: Sendable {
  /// The metric.
  public let metric: String
  /// On all documents.
  public let all: Estimate
  /// On those that weren't found.
  public let clean: Estimate
  /// On those that were.
  public let dirty: Estimate

  /// Divides values by whether their document was found.
  public init(metric: String, values: [(document: Int, value: Double)], dirty: Set<Int>) {
    self.metric = metric
    func estimate(_ values: [Double]) -> Estimate { Bootstrap(seed: 1).mean(values) }
    all = estimate(values.map(\.value))
    clean = estimate(values.filter { !dirty.contains($0.document) }.map(\.value))
    self.dirty = estimate(values.filter { dirty.contains($0.document) }.map(\.value))
  }
}
