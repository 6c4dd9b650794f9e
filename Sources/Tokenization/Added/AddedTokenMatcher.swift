/// Finds added tokens in text: the leftmost, and of those the longest.
///
/// A trie over bytes, entered only at bytes that start some token.
struct AddedTokenMatcher: Sendable {
  private struct Node {
    var firstEdge: Int32 = 0
    var edgeCount: Int32 = 0
    var token: Int32 = -1
  }

  let tokens: [AddedToken]
  private var nodes: [Node] = []
  private var edges: [(byte: UInt8, node: Int32)] = []
  private var starts = [Int32](repeating: -1, count: 256)

  /// A matcher for these tokens; empty contents never match.
  init(_ tokens: [AddedToken], contents: [[UInt8]]? = nil) {
    self.tokens = tokens
    var children: [[(byte: UInt8, node: Int32)]] = [[]]
    var endings: [Int32] = [-1]
    for (index, token) in tokens.enumerated() {
      let bytes = contents?[index] ?? Array(token.content.utf8)
      if bytes.isEmpty { continue }
      var node = 0
      for byte in bytes {
        if let edge = children[node].first(where: { $0.byte == byte }) {
          node = Int(edge.node)
        } else {
          children[node].append((byte, Int32(children.count)))
          node = children.count
          children.append([])
          endings.append(-1)
        }
      }
      // As in a map: the later of two equal contents wins.
      endings[node] = Int32(index)
    }
    for (index, list) in children.enumerated() {
      nodes.append(
        Node(firstEdge: Int32(edges.count), edgeCount: Int32(list.count), token: endings[index]))
      edges.append(contentsOf: list)
    }
    for edge in children[0] { starts[Int(edge.byte)] = edge.node }
  }

  /// Whether there is nothing to find.
  var isEmpty: Bool { nodes.count <= 1 }

  /// The next match at or after `start`: where it begins and ends, and the token's index.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> (range: Range<Int>, token: Int)? {
    starts.withUnsafeBufferPointer { starts in
      var position = start
      while position < text.count {
        var node = starts[Int(text[position])]
        if node >= 0 {
          var longest: (end: Int, token: Int32) = (0, -1)
          var cursor = position + 1
          while true {
            let here = nodes[Int(node)]
            if here.token >= 0 { longest = (cursor, here.token) }
            guard cursor < text.count else { break }
            let byte = text[cursor]
            var following: Int32 = -1
            for edge in Int(here.firstEdge)..<Int(here.firstEdge + here.edgeCount)
            where edges[edge].byte == byte {
              following = edges[edge].node
              break
            }
            if following < 0 { break }
            node = following
            cursor += 1
          }
          if longest.token >= 0 { return (position..<longest.end, Int(longest.token)) }
        }
        position += 1
      }
      return nil
    }
  }

  /// Cuts `text` into stretches without added tokens and the tokens between them.
  ///
  /// - Parameters:
  ///   - allowSpecial: Whether control tokens count; otherwise their text stays text.
  ///   - body: Called in order with a byte range and the token, `nil` for a stretch of text.
  func split(
    _ text: UnsafeBufferPointer<UInt8>, allowSpecial: Bool,
    _ body: (Range<Int>, AddedToken?) -> Void
  ) {
    var done = 0
    var position = 0
    while let match = next(in: text, from: position) {
      position = match.range.upperBound
      let token = tokens[match.token]
      if token.isSpecial && !allowSpecial { continue }
      if token.isSingleWord, Self.touchesWord(match.range, in: text) { continue }
      var lower = match.range.lowerBound
      var upper = match.range.upperBound
      if token.stripsLeft {
        while lower > done, let space = Self.scalar(before: lower, in: text),
          ScalarClass.of(space.scalar).contains(.space)
        {
          lower = max(lower - space.length, done)
        }
      }
      if token.stripsRight {
        while let space = Self.scalar(at: upper, in: text),
          ScalarClass.of(space.scalar).contains(.space)
        {
          upper += space.length
        }
      }
      if lower > done { body(done..<lower, nil) }
      body(lower..<upper, token)
      done = upper
      position = max(position, done)
    }
    if done < text.count { body(done..<text.count, nil) }
  }

  private static func touchesWord(
    _ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let before = scalar(before: range.lowerBound, in: text)
    let after = scalar(at: range.upperBound, in: text)
    return [before, after].contains {
      $0.map { ScalarClass.of($0.scalar).contains(.word) } ?? false
    }
  }

  private static func scalar(
    at position: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> (scalar: Unicode.Scalar, length: Int)? {
    guard position < text.count else { return nil }
    var decoder = UTF8()
    var bytes = text[position...].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
    return (scalar, scalar.utf8.count)
  }

  private static func scalar(
    before position: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> (scalar: Unicode.Scalar, length: Int)? {
    var start = position - 1
    while start > 0, position - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start < 0 ? nil : scalar(at: start, in: text)
  }
}
