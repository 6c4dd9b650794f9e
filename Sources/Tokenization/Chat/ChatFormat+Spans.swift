public import Documents
public import Foundation

extension ChatFormat {
  /// A conversation as the template writes it, with the places of what the assistant says.
  public struct Spans: Sendable, Equatable {
    /// The whole text.
    public var text: String
    /// The ranges of UTF-8 bytes that are the assistant's, each from behind the turn's opening to the turn's end.
    public var spoken: [Range<Int>]
    /// Whether the template itself marks them, by `{% generation %}`, to the byte.
    public var isMarked: Bool
  }

  /// Writes a conversation and finds what the assistant says in it, for training on that alone.
  ///
  /// Where the template has `{% generation %}` blocks, they say it. Else a turn is what the conversation up to it has more than the
  /// conversation before it with the turn opened, which is what the model sees when it speaks.
  ///
  /// - Parameter first: the first message whose turn is looked for.
  /// - Returns: nil where the template writes a turn otherwise once others follow it (many leave earlier reasoning out), so that no
  ///   single text shows every turn as the model speaks it.
  public func spans(
    of messages: [JSONValue], tools: JSONValue? = nil, from first: Int = 0, now: Date = Date()
  ) throws -> Spans? {
    func written(_ count: Int, opensTurn: Bool = false) throws -> ChatTemplate.Rendering {
      try rendering(messages: .array(Array(messages.prefix(count))), tools: tools, opensTurn: opensTurn, now: now)
    }
    let whole = try written(messages.count)
    let bytes = Array(whole.text.utf8)
    if !whole.generations.isEmpty {
      // Blocks don't say whose message they are: of a part of the conversation they are those behind what precedes it.
      let before = first == 0 ? 0 : Self.common(bytes, Array(try written(first).text.utf8))
      return Spans(text: whole.text, spoken: whole.generations.filter { $0.lowerBound >= before }, isMarked: true)
    }
    var spoken: [Range<Int>] = []
    for index in messages.indices.dropFirst(first) where messages[index]["role"]?.string == "assistant" {
      // Nothing is before a conversation that the assistant begins, and few templates write nothing.
      let opened = index == 0 ? [] : Array(try written(index, opensTurn: true).text.utf8)
      let closed = index == messages.count - 1 ? bytes : Array(try written(index + 1).text.utf8)
      guard bytes.starts(with: closed) else { return nil }
      spoken.append(Self.common(opened, closed)..<closed.count)
    }
    return Spans(text: whole.text, spoken: spoken, isMarked: false)
  }

  private static func common(_ a: [UInt8], _ b: [UInt8]) -> Int { zip(a, b).prefix { $0 == $1 }.count }
}
