/// A pattern that cuts text into words before merging, as published byte-level models use it.
public enum SplitPattern: String, Sendable, CaseIterable {
  /// GPT-2, GPT-NeoX, and the default of the `tokenizers` library's `ByteLevel`.
  case gpt2
  /// Llama 3, OLMo 2 and `cl100k`: numbers in groups of three, letters take one leading symbol.
  case llama3
  /// Qwen 2 and later: as Llama 3 with every digit on its own.
  case qwen2

  /// The regular expression as tokenizer files spell it.
  public var regularExpression: String {
    switch self {
    case .gpt2:
      return #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case .llama3:
      return Self.modern(digits: #"\p{N}{1,3}"#)
    case .qwen2:
      return Self.modern(digits: #"\p{N}"#)
    }
  }

  /// The contractions of English, and the spaces after everything else, as most patterns since `cl100k` have them.
  static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  static let spaces = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// The pattern of `cl100k` and its like, with numbers cut as `digits` says.
  static func modern(digits: String) -> String {
    contraction + #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n]*"# + spaces
  }

  /// The pattern that a tokenizer file spells this way, if a scanner exists for it.
  init?(regularExpression: String) {
    guard
      let known = Self.allCases.first(where: {
        $0.regularExpression.utf8.elementsEqual(regularExpression.utf8)
      })
    else { return nil }
    self = known
  }

  /// The byte ranges of the words of `text`, in order and without gaps.
  package func split(_ text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    forEachWord(of: text) { words.append($0..<$1) }
    return words
  }

  /// Calls `body` with the start and end of each word of `text`, in order and without gaps.
  @inline(__always)
  func forEachWord(of text: UnsafeBufferPointer<UInt8>, _ body: (Int, Int) -> Void) {
    ScalarClass.table.withUnsafeBufferPointer { table in
      let bytes = ClassifiedBytes(text: text, table: table)
      switch self {
      case .gpt2: Self.scan(GPT2Scanner(bytes: bytes), text.count, body)
      case .llama3: Self.scan(ModernScanner(bytes: bytes, longestNumber: 3), text.count, body)
      case .qwen2: Self.scan(ModernScanner(bytes: bytes, longestNumber: 1), text.count, body)
      }
    }
  }

  @inline(__always)
  private static func scan(
    _ scanner: some WordScanner, _ count: Int, _ body: (Int, Int) -> Void
  ) {
    var position = 0
    while position < count {
      let end = scanner.wordEnd(from: position)
      body(position, end)
      position = end
    }
  }
}

/// Finds where the word that starts at a position ends.
protocol WordScanner {
  /// The end of the word that starts at `start`, always past it.
  func wordEnd(from start: Int) -> Int
}
