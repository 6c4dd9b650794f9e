public import Documents

/// Strings labelled by whether they belong to the language to be learned.
public struct InductionExamples: Sendable, Hashable {
  /// Strings that belong, given as examples of the language.
  public private(set) var positives: [String]
  /// Strings that do not belong.
  public private(set) var negatives: [String]
  /// Strings that were found to belong by asking.
  ///
  /// Nobody drew them from the language, so only their labels count: the size principle does not apply to them.
  public private(set) var confirmed: [String]

  let positiveScalars: [[UInt32]]
  let negativeScalars: [[UInt32]]
  let confirmedScalars: [[UInt32]]

  /// All strings that belong, however they were come by.
  var memberScalars: [[UInt32]] { confirmed.isEmpty ? positiveScalars : positiveScalars + confirmedScalars }

  /// Strings that have both labels.
  var contradictoryScalars: Set<[UInt32]> {
    if negatives.isEmpty { return [] }
    return Set(negativeScalars).intersection(memberScalars)
  }

  /// Some of the members and negatives, by their places.
  func choosing(members chosen: Set<Int>, negatives others: Set<Int>) -> InductionExamples {
    let kept = chosen.filter { $0 < positives.count }.sorted()
    let answers = chosen.filter { $0 >= positives.count }.map { $0 - positives.count }.sorted()
    let others = others.sorted()
    return InductionExamples(
      positives: kept.map { positives[$0] }, negatives: others.map { negatives[$0] },
      confirmed: answers.map { confirmed[$0] }, positiveScalars: kept.map { positiveScalars[$0] },
      negativeScalars: others.map { negativeScalars[$0] }, confirmedScalars: answers.map { confirmedScalars[$0] })
  }

  private init(
    positives: [String], negatives: [String], confirmed: [String], positiveScalars: [[UInt32]],
    negativeScalars: [[UInt32]], confirmedScalars: [[UInt32]]
  ) {
    self.positives = positives
    self.negatives = negatives
    self.confirmed = confirmed
    self.positiveScalars = positiveScalars
    self.negativeScalars = negativeScalars
    self.confirmedScalars = confirmedScalars
  }

  /// Makes a set of examples; no positive example at all, or a string too long to handle in bounded
  /// time, is an error.
  public init(
    positives: [String], negatives: [String] = [], confirmed: [String] = []
  ) throws(InductionError) {
    guard !positives.isEmpty || !confirmed.isEmpty else { throw .noPositiveExamples }
    self.positives = positives
    self.negatives = negatives
    self.confirmed = confirmed
    positiveScalars = positives.map { $0.unicodeScalars.map(\.value) }
    negativeScalars = negatives.map { $0.unicodeScalars.map(\.value) }
    confirmedScalars = confirmed.map { $0.unicodeScalars.map(\.value) }
    for (label, list) in [
      ("positive", positiveScalars), ("negative", negativeScalars), ("confirmed", confirmedScalars),
    ] {
      if let index = list.firstIndex(where: { $0.count > Self.lengthLimit }) {
        throw .tooLong(label: label, number: index + 1, length: list[index].count)
      }
    }
  }

  /// The longest string that is accepted, in scalars.
  public static let lengthLimit = 100_000

  /// Strings that are given with both labels.
  public var contradictions: [String] {
    if negatives.isEmpty { return [] }
    // By scalars: two normal forms of one text are equal as strings, and two strings to an expression.
    let both = contradictoryScalars
    var seen: Set<[UInt32]> = []
    return memberScalars.filter { both.contains($0) && seen.insert($0).inserted }.map(\.text)
  }

  /// Members that are canonically equal to a negative and yet other scalars.
  var formsWithBothLabels: [String] {
    if negatives.isEmpty { return [] }
    let rejected = Set(negatives)
    let both = contradictoryScalars
    return zip(positives + confirmed, memberScalars).filter { rejected.contains($0) && !both.contains($1) }.map(\.0)
  }

  /// The same examples with one more of a person's own choice.
  public func adding(
    _ string: String, isPositive: Bool
  ) throws(InductionError) -> InductionExamples {
    try InductionExamples(
      positives: isPositive ? positives + [string] : positives,
      negatives: isPositive ? negatives : negatives + [string], confirmed: confirmed)
  }

  /// The same examples with the answer to a question.
  public func adding(
    answer isMember: Bool, to question: LabelQuestion
  ) throws(InductionError) -> InductionExamples {
    try InductionExamples(
      positives: positives, negatives: isMember ? negatives : negatives + [question.string],
      confirmed: isMember ? confirmed + [question.string] : confirmed)
  }
}

/// A reason why an expression could not be induced.
public struct InductionError: UserFacingError, Equatable {
  /// The message: what is wrong and what to do.
  public let description: String

  static let noPositiveExamples = InductionError(
    description: "there is no positive example: give at least one string that should match")

  static func tooLong(label: String, number: Int, length: Int) -> InductionError {
    InductionError(
      description: "\(label) example \(number) has \(length) characters; the limit is "
        + "\(InductionExamples.lengthLimit). Shorten it or leave it out")
  }
}
