public import Documents

/// The right answer to a task, as a record states it.
///
/// Texts are compared letter by letter, but for the spaces around them and the commas between thousands. A record whose
/// answer is a JSON number is answered by any way to write that number.
public struct ReferenceAnswer: Sendable, Equatable {
  private let text: String
  private let number: Double?

  /// A text.
  public init(_ text: String) {
    self.text = text.plainAnswer
    number = nil
  }

  /// A record's value: a text, a number, true or false; nil for anything else.
  public init?(_ value: JSONValue) {
    switch value {
    case .string(let text): self.init(text)
    case .int(let whole): self.init(text: String(whole), number: Double(whole))
    case .double(let real): self.init(text: String(real), number: real)
    case .bool(let truth): self.init(truth ? "true" : "false")
    default: return nil
    }
  }

  private init(text: String, number: Double) {
    self.text = text
    self.number = number
  }

  /// The answer that is found in this one; this one where nothing is.
  ///
  /// A data set's answer may be a worked solution that ends in the answer (`… #### 72`) or the bare answer.
  public func found(by finder: any AnswerFinder) -> ReferenceAnswer {
    guard number == nil, let found = finder.answer(in: text) else { return self }
    return ReferenceAnswer(found)
  }

  /// Whether a completion's answer is this one.
  public func matches(_ answer: String) -> Bool {
    let plain = answer.plainAnswer
    if plain == text { return true }
    guard let number, let given = Double(plain) else { return false }
    return given == number
  }
}
