import Statistics

/// Problems in GSM8K's format, generated: what is told in the question, the steps with calculator annotations, `#### ` and the answer.
///
/// A problem is a chain of two to eight steps. Each step is of a kind (to gain, to give away, to have times as many, to put together
/// what was counted before …) and is told by one of several wordings; a sentence that has nothing to do with the question may stand between.
/// Three things are kept apart, so that what is held out can't be known by heart: a quarter of all chains of kinds, some names and
/// things, and a seventh of all quantities occur in held-out problems only, whose chains are all of those.
///
/// ```swift
/// let curriculum = Curriculum(seed: 1)
/// let problem = curriculum.problem(0, in: .training)
/// print(problem.question, problem.solution)
/// ```
public struct Curriculum: Sendable {
  /// The parts of the problems.
  public enum Part: String, Sendable, CaseIterable {
    /// One step or two, from which a model learns to read.
    case reading
    /// Two to eight steps.
    case training
    /// Two to eight steps in chains, names, things and quantities that the other parts don't have.
    case heldOut = "held-out"
  }

  /// Seeds all problems.
  public let seed: UInt64

  /// The problems of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// A problem of a part; the same for the same number.
  public func problem(_ number: Int, in part: Part) -> WordProblem {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "curriculum \(part.rawValue)", index: number).value)
    while true {
      var story = Story(part: part, random: random)
      let isTold = story.tell()
      random = story.random
      guard isTold else { continue }
      return WordProblem(
        id: "\(part.rawValue)-\(number)", question: story.question, solution: story.solution, answer: "\(story.value)")
    }
  }

  /// Problems of a part.
  public func problems(_ numbers: Range<Int>, in part: Part) -> [WordProblem] { numbers.map { problem($0, in: part) } }

  /// Whether a chain of kinds is held out: one in four, by a hash of the chain.
  static func isHeldOut(_ chain: [StepKind]) -> Bool {
    let text = chain.map(\.rawValue).joined(separator: " ")
    return DerivedSeed(run: 0, for: text).value % 4 == 0
  }

  /// Whether a quantity is held out: one in seven.
  static func isHeldOut(_ quantity: Int) -> Bool { quantity > 3 && quantity % 7 == 4 }
}

/// A kind of step.
enum StepKind: String, CaseIterable, Sendable {
  case gain, lose, times, half, more, fewer, share, together, price, boxes
}

/// A problem while it is told.
private struct Story {
  let part: Curriculum.Part
  var random: SeededGenerator
  private(set) var value = 0
  private var sentences: [String] = []
  private var lines: [String] = []
  /// The owner who is spoken of, and what others were found to have.
  private var owner = ""
  private var before: (owner: String, value: Int)?
  private var thing = ""
  private var isMoney = false
  private var names: [String] = []

  init(part: Curriculum.Part, random: SeededGenerator) {
    self.part = part
    self.random = random
  }

  var question: String { sentences.joined(separator: " ") }
  var solution: String { (lines + ["#### \(value)"]).joined(separator: "\n") }

  private mutating func one<Item>(of items: [Item]) -> Item { items[random.index(below: items.count)] }

  /// A number that the part may have.
  private mutating func quantity(_ range: ClosedRange<Int>) -> Int {
    while true {
      let found = range.lowerBound + random.index(below: range.count)
      // Held-out problems have both kinds, or they would give themselves away.
      if part == .heldOut || !Curriculum.isHeldOut(found) { return found }
    }
  }

  private mutating func nextName() -> String { names.popLast() ?? "Sam" }

  /// Tells a whole problem; false where the chain came to nothing.
  mutating func tell() -> Bool {
    let words = Wordings.self
    names = part == .heldOut ? words.heldOutNames : words.names
    for i in names.indices.dropLast() { names.swapAt(i, i + random.index(below: names.count - i)) }
    thing = one(of: part == .heldOut ? words.heldOutThings : words.things)
    owner = nextName()
    let count = part == .reading ? 1 + random.index(below: 2) : Self.lengths[random.index(below: Self.lengths.count)]
    value = quantity(3...40)
    sentences = [one(of: ["\(owner) has \(value) \(thing).", "There are \(value) \(thing) in \(owner)'s box."])]
    var chain: [StepKind] = []
    while chain.count < count {
      guard let kind = step(isLast: chain.count == count - 1) else { return false }
      chain.append(kind)
      if !isMoney, part != .reading, random.index(below: 5) == 0 { aside() }
    }
    // Short chains are few, so that all parts have them; longer ones are kept apart.
    if count > 2, Curriculum.isHeldOut(chain) != (part == .heldOut) { return false }
    sentences.append(isMoney ? "How many dollars is that in all?" : asked)
    return true
  }

  /// Steps of a problem: as in GSM8K, few have many.
  private static let lengths = [2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8]

  private var asked: String {
    owner == "they" ? "How many \(thing) do they have?" : "How many \(thing) does \(owner) have now?"
  }

  /// Something that doesn't matter.
  private mutating func aside() {
    let other = one(of: Wordings.asides)
    sentences.append("\(names.first ?? "Sam") has \(quantity(2...30)) \(other).")
  }

  private mutating func step(isLast: Bool) -> StepKind? {
    var kinds: [StepKind] =
      isMoney ? [.gain, .lose, .times] : [.gain, .lose, .times, .half, .more, .fewer, .share, .together, .boxes]
    if isLast || random.index(below: 4) == 0, !isMoney { kinds.append(.price) }
    for _ in 0..<20 {
      let kind = one(of: kinds)
      if take(kind) { return kind }
    }
    return nil
  }

  private mutating func add(_ sentence: String, _ line: (String) -> String, _ expression: String, _ result: Int) {
    sentences.append(sentence)
    lines.append(line("\(expression) = <<\(expression)=\(result)>>\(result)"))
    value = result
  }

  /// Tells a step; false where the kind doesn't fit here.
  private mutating func take(_ kind: StepKind) -> Bool {
    let (v, who) = (value, owner)
    let subject = who == "they" ? "They" : who
    let verb = who == "they" ? "have" : "has"
    let unit = isMoney ? "dollars" : thing
    func now(_ sum: String) -> String { "\(subject) \(verb) \(sum) \(unit)." }
    switch kind {
    case .gain:
      let q = quantity(2...30)
      guard v + q < 1000 else { return false }
      add(one(of: Wordings.gains(subject, q, unit, isMoney: isMoney)), now, "\(v)+\(q)", v + q)
    case .lose:
      guard v > 4 else { return false }
      let q = quantity(2...min(40, v - 1))
      guard q < v else { return false }
      add(one(of: Wordings.losses(subject, q, unit, nextName(), isMoney: isMoney)), now, "\(v)-\(q)", v - q)
    case .times:
      let q = quantity(2...5)
      guard v * q < 1000 else { return false }
      if isMoney {
        add(
          "\(subject) \(who == "they" ? "get" : "gets") that much on each of \(q) days.",
          { "In \(q) days that is \($0) dollars." },
          "\(v)*\(q)", v * q)
      } else {
        before = (who, v)
        owner = nextName()
        let name = owner
        add(one(of: Wordings.times(name, q, thing, who)), { "\(name) has \($0) \(unit)." }, "\(v)*\(q)", v * q)
      }
    case .half:
      guard v % 2 == 0, v > 3 else { return false }
      add(one(of: Wordings.halves(subject, thing)), now, "\(v)/2", v / 2)
    case .more, .fewer:
      let q = quantity(2...20)
      guard kind == .more ? v + q < 1000 : v > q + 1 else { return false }
      before = (who, v)
      owner = nextName()
      let name = owner
      let (sign, result) = kind == .more ? ("+", v + q) : ("-", v - q)
      let whom = who == "they" ? "they have together" : "\(who) has"
      add(
        "\(name) has \(q) \(kind == .more ? "more" : "fewer") \(thing) than \(whom).", { "\(name) has \($0) \(unit)." },
        "\(v)\(sign)\(q)", result)
    case .share:
      let divisors = (2...9).filter { v % $0 == 0 && v / $0 > 1 && (part == .heldOut || !Curriculum.isHeldOut($0)) }
      guard !divisors.isEmpty else { return false }
      let q = one(of: divisors)
      owner = nextName()
      let name = owner
      add(
        one(of: Wordings.shares(subject, q, thing, name)), { "Each of them gets \($0) \(unit)." }, "\(v)/\(q)", v / q)
    case .together:
      guard let other = before, other.owner != who, v + other.value < 1000 else { return false }
      before = nil
      owner = "they"
      add(
        "\(other.owner == "they" ? "The others" : other.owner) and \(who == "they" ? "the others" : who) put their \(thing) together.",
        { "Together they have \($0) \(unit)." }, "\(other.value)+\(v)", v + other.value)
    case .price:
      let q = quantity(2...9)
      guard v * q < 1000 else { return false }
      isMoney = true
      add(one(of: Wordings.prices(subject, q, thing)), { "That makes \($0) dollars." }, "\(v)*\(q)", v * q)
    case .boxes:
      let (boxes, each) = (quantity(2...6), quantity(2...12))
      guard v + boxes * each < 1000 else { return false }
      add(
        one(of: Wordings.boxes(subject, boxes, each, thing)), { "The boxes hold \($0) \(unit)." }, "\(boxes)*\(each)",
        boxes * each)
      lines.append(now("\(v)+\(value) = <<\(v)+\(value)=\(v + value)>>\(v + value)"))
      value += v
    }
    return true
  }
}
