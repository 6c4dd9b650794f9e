internal import Expressions

/// Cuts raw UTF-8 into words the way a byte-level pre-tokenizer does, without changing it.
///
/// Each step cuts the pieces of the one before, which are texts of their own to it.
struct RawSplitter: Sendable {
  /// One way to cut; matches and the text between them are pieces alike.
  enum Step: Sendable {
    case pattern(SplitPattern)
    case digits(individual: Bool)
    case expression(PCREPattern)
  }

  let steps: [Step]

  /// `nil` for a pre-tokenizer that does more than cut and then spell bytes.
  init?(_ preTokenizer: PreTokenizer?) {
    var list: [PreTokenizer]
    switch preTokenizer {
    case .sequence(let steps): list = steps
    case let single?: list = [single]
    case nil: return nil
    }
    guard case .byteLevel(addsPrefixSpace: false, let usesPattern)? = list.popLast() else {
      return nil
    }
    var steps: [Step] = []
    for entry in list {
      switch entry {
      case .split(.known(let pattern), .isolated, inverted: false): steps.append(.pattern(pattern))
      case .split(.expression(let expression), .isolated, inverted: false):
        steps.append(.expression(expression))
      case .digits(let individual): steps.append(.digits(individual: individual))
      default: return nil
      }
    }
    if usesPattern { steps.append(.pattern(.gpt2)) }
    self.steps = steps
  }

  /// The pattern, when it alone does the cutting.
  var onlyPattern: SplitPattern? {
    if steps.count == 1, case .pattern(let pattern) = steps[0] { return pattern }
    return nil
  }

  /// Makes the matchers of the steps' expressions, for one caller at a time.
  func makeMatchers() -> [PCREPattern.Matcher?] {
    steps.map {
      if case .expression(let expression) = $0 { return expression.makeMatcher() }
      return nil
    }
  }

  /// Calls `body` with the start and end of each word of `text`, in order and without gaps.
  func forEachWord(
    of text: UnsafeBufferPointer<UInt8>, matchers: [PCREPattern.Matcher?],
    _ body: (Int, Int) -> Void
  ) {
    cut(text, 0..<text.count, step: 0, matchers, body)
  }

  private func cut(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, step: Int,
    _ matchers: [PCREPattern.Matcher?], _ body: (Int, Int) -> Void
  ) {
    if range.isEmpty { return }
    if step == steps.count { return body(range.lowerBound, range.upperBound) }
    let part = UnsafeBufferPointer(rebasing: text[range])
    func pass(_ start: Int, _ end: Int) {
      let base = range.lowerBound
      cut(text, base + start..<base + end, step: step + 1, matchers, body)
    }
    switch steps[step] {
    case .pattern(let pattern): pattern.forEachWord(of: part, pass)
    case .digits(let individual): Self.cutDigits(part, individual: individual, pass)
    case .expression:
      var done = 0
      matchers[step]?.forEachMatch(in: part) { match in
        pass(done, match.lowerBound)
        pass(match.lowerBound, match.upperBound)
        done = match.upperBound
      }
      pass(done, part.count)
    }
  }

  private static func cutDigits(
    _ text: UnsafeBufferPointer<UInt8>, individual: Bool, _ body: (Int, Int) -> Void
  ) {
    ScalarClass.table.withUnsafeBufferPointer { table in
      let bytes = ClassifiedBytes(text: text, table: table)
      var position = 0
      while position < text.count {
        let (found, length) = bytes.scalar(at: position)
        let end: Int
        if !found.contains(.number) {
          end = bytes.run(outside: .number, from: position)
        } else {
          end = individual ? position + length : bytes.run(of: .number, from: position)
        }
        body(position, end)
        position = end
      }
    }
  }
}
