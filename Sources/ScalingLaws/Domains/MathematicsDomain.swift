public import Alignment
public import Statistics

/// Mathematics: generated problems laid end to end as bytes, of which the answers are learnt.
///
/// Learnt from are problems of three to ten free digits; held out are those of eight (interpolation) and of twelve
/// (extrapolation), as the paper has them (Henighan et al., 2020, section 4).
public struct MathematicsDomain: ScalingDomain {
  /// The name.
  public let name = "math"
  /// One line.
  public let title = "generated problems of mathematics, of which the answers are learnt"
  /// ASCII, of which the line's end takes the place of the token that begins a sequence.
  public let vocabularySize = 128
  /// Bytes of a sequence.
  public let context = 128
  /// Those of mathematics.
  public let proportions = ModelProportions.image
  /// The paper's table has the law of its extrapolation set.
  public let published: String? = "math"
  /// Problems harder than any that are learnt from.
  public let furtherParts = [DomainPart.extrapolation]

  /// The domain.
  public init() {}

  /// Draws a problem of a part.
  public func problem(_ part: DomainPart, _ random: inout SeededGenerator) -> MathematicsProblem {
    let entropy =
      switch part {
      case .heldOut: 8.0
      case .extrapolation: 12.0
      default: 3 + 7 * random.uniform()
      }
    let kind = MathematicsProblem.Kind.allCases[random.index(below: MathematicsProblem.Kind.allCases.count)]
    return MathematicsProblem(kind, entropy: entropy, &random)
  }

  /// Lays problems end to end until the sequence is full; the last may break off.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    var (tokens, targets) = ([Int](), [Int]())
    while targets.count < context {
      let (piece, learnt) = Self.encoded(problem(part, &random))
      // What is learnt after a token is the one that follows, so that a piece's first token belongs to the one before.
      tokens += piece
      targets += learnt
    }
    return TargetedTokens(tokens: [0] + tokens.prefix(context - 1), targets: Array(targets.prefix(context)))
  }

  /// A problem's bytes, `question\nanswer\n` with 0 for the line's end, and of them those that are learnt.
  public static func encoded(_ problem: MathematicsProblem) -> (tokens: [Int], targets: [Int]) {
    let (question, answer) = (problem.question.utf8.map(Int.init) + [0], problem.answer.utf8.map(Int.init) + [0])
    return (question + answer, question.map { _ in -100 } + answer)
  }
}
