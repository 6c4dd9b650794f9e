/// The beginning or the end of the text, where an expression that was read names it.
package struct Anchor: Hashable, Sendable {
  package enum Place: Sendable { case start, end }

  var place: Place
  /// The offset of the sign in the expression, for messages.
  var offset: Int
}

extension ExpressionTree where Symbol == Anchor {
  /// The expression for a match of the whole text, where `^` at the beginning and `$` at the end say nothing new.
  package func matchingWhole() throws(RegularExpressionSyntaxError) -> RegularExpression {
    try anchored(before: [], after: [])
  }

  /// The expression for a search: anything may stand before and after what isn't anchored.
  package func searching() throws(RegularExpressionSyntaxError) -> RegularExpression {
    let anything = RegularExpression.characters(.everything).star
    return try anchored(before: [anything], after: [anything])
  }

  private func anchored(
    before: [RegularExpression], after: [RegularExpression]
  ) throws(RegularExpressionSyntaxError) -> RegularExpression {
    if case .alternation(let choices) = self {
      var branches: [RegularExpression] = []
      for choice in choices { branches.append(try choice.anchored(before: before, after: after)) }
      return .alternation(branches)
    }
    var rest = parts
    var (before, after) = (before, after)
    if case .symbol(let anchor)? = rest.first, anchor.place == .start {
      rest.removeFirst()
      before = []
    }
    if case .symbol(let anchor)? = rest.last, anchor.place == .end {
      rest.removeLast()
      after = []
    }
    // One group in which alternatives are anchored each for itself.
    if rest.count == 1, case .alternation = rest[0] {
      return try rest[0].anchored(before: before, after: after)
    }
    let inner = try ExpressionTree.sequence(rest).replacingSymbols {
      (anchor) throws(RegularExpressionSyntaxError) -> RegularExpression in
      throw RegularExpressionSyntaxError(
        offset: anchor.offset,
        reason: "\"^\" and \"$\" are supported only at the beginning and the end, and this is an anchor inside")
    }
    return .sequence(before + inner.parts + after)
  }
}
