internal import RealModule

/// The teaching study: teachers and learners that reason about each other, simulated and on the
/// corpora that people wrote.
public struct TeachingStudy: Sendable {
  /// The candidate rules.
  public var space = RuleSpace.study
  /// The size of the pool that simulated teachers choose from.
  public var poolSize = 120
  /// The number of simulated lessons for each published rule and condition.
  public var lessons = 10
  /// The longest simulated lesson.
  public var lessonLength = 40
  /// The belief in the true rule that counts as having learned it.
  public var criterion = 0.9
  /// The seed.
  public var seed: UInt64 = 0

  /// The default study.
  public init() {}

  /// The speed at which one kind of learner learned from one kind of examples.
  public struct LessonRow: Sendable, Hashable, Codable {
    /// The source of the examples.
    public let source: SequentialTeaching.Source
    /// The learner's assumption.
    public let assumption: SequentialTeaching.Assumption
    /// The mean number of examples to the criterion; lessons that never reached it count their
    /// length.
    public let meanExamples: Double
    /// The share of lessons that reached it.
    public let learned: Double
    /// The mean belief in the true rule after 1, 2, … examples.
    public let course: [Double]
    /// Each lesson's number of examples to the criterion; the same lessons in the same order for both kinds of learner.
    public let lengths: [Double]
  }

  /// The proof of concept, simulated: chosen or random examples, met by a learner who assumes
  /// either.
  public func proofOfConcept(optimality: Double = 4, depth: Int = 2) -> [LessonRow] {
    let pool = space.pool(poolSize, seed: seed)
    let membership = space.membership(of: pool)
    var setting = SequentialTeaching(membership: membership)
    setting.optimality = optimality
    setting.depth = depth
    // Rules that no string of the pool tells apart can't be learned apart: leave out repeats.
    let targets = StringConcept.publishedRules.compactMap { space.index(of: $0.name) }
      .filter { target in
        !membership.indices.contains { $0 != target && membership[$0] == membership[target] }
      }
    return SequentialTeaching.Source.allCases.flatMap { source in
      SequentialTeaching.Assumption.allCases.map { assumption in
        var lengths: [Double] = []
        var learned = 0
        var courses: [[Double]] = []
        for target in targets {
          for lesson in 0..<lessons {
            let course = setting.lesson(
              rule: target, examples: lessonLength, source: source, assumption: assumption,
              seed: seed &+ UInt64(target * 1000 + lesson))
            let reached = course.firstIndex { $0 >= criterion }
            lengths.append(Double(reached.map { $0 + 1 } ?? course.count))
            learned += reached == nil ? 0 : 1
            courses.append(course)
          }
        }
        let count = Double(max(1, courses.count))
        let course = (0..<min(12, lessonLength)).map { step in
          courses.reduce(0) { $0 + (step < $1.count ? $1[step] : $1.last ?? 0) } / count
        }
        return LessonRow(
          source: source, assumption: assumption, meanExamples: lengths.reduce(0, +) / count,
          learned: Double(learned) / count, course: course, lengths: lengths)
      }
    }
  }

  /// Learners' results on people's corpora, with the teacher fitted on other people.
  public struct HumanRow: Sendable, Hashable, Codable {
    /// The learner's name.
    public let learner: String
    /// The mean probability of the true rule after the whole corpus.
    public let probability: Double
    /// The mean logarithm of it, in nats.
    public let logProbability: Double
    /// The share of corpora after which the true rule is the most probable.
    public let best: Double
    /// The mean number of examples until the true rule has half the probability; corpora that never
    /// get there count their length plus one.
    public let examplesToHalf: Double
    /// The mean probability after 1, 2, … examples, over the corpora that are that long.
    public let course: [Double]
    /// The probability after each whole corpus, in one order for all learners.
    public let probabilities: [Double]
  }

  /// The result on people's corpora.
  public struct HumanResult: Sendable, Hashable, Codable {
    /// The number of corpora that were tested on.
    public let corpora: Int
    /// The learners, the one that assumes a teacher first.
    public let rows: [HumanRow]
    /// The fitted teacher of the first fold.
    public let teacher: ClusterTeacher
    /// The mean log-likelihood of a held-out corpus under the fitted clustered and independent
    /// models, in nats.
    public let heldOutLogLikelihood: [Double]
    /// The mean clusters in corpora that the fitted teacher writes, of people's lengths and rules.
    public let simulatedClusters: Double
    /// The same for the fitted model of independent examples.
    public let simulatedIndependentClusters: Double
  }

  /// Fits teachers on half of the people and tests learners on the other half, both ways.
  public func humanCorpora(_ corpora: TeachingCorpora) -> HumanResult? {
    let teachers = Set(corpora.corpora.map(\.teacher)).sorted {
      (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1)
    }
    let fold = Dictionary(
      uniqueKeysWithValues: teachers.enumerated().map { ($0.element, $0.offset % 2) })
    let preparer = TeacherAwareLearner(space: space, teacher: ClusterTeacher())
    let usable = corpora.corpora.compactMap {
      corpus -> (corpus: TeachingCorpora.Corpus, lesson: PreparedLesson, rule: Int)? in
      guard let rule = space.index(of: corpus.rule), !corpus.examples.isEmpty else { return nil }
      return (corpus, preparer.prepare(corpus.examples), rule)
    }
    guard !usable.isEmpty else { return nil }
    var clustered = Course()
    var independent = Course()
    var likelihoods = [0.0, 0.0]
    var clusters = [0, 0]
    var base = 0
    var first: ClusterTeacher?
    for test in 0..<2 {
      let training = usable.filter { fold[$0.corpus.teacher] != test }
        .map { (lesson: $0.lesson, rule: $0.rule) }
      let teacher = ClusterTeacher.fitted(to: training, clusters: true)
      let alone = ClusterTeacher.fitted(to: training, clusters: false)
      if first == nil { first = teacher }
      let aware = TeacherAwareLearner(space: space, teacher: teacher)
      let unaware = TeacherAwareLearner(space: space, teacher: alone)
      for (index, entry) in usable.enumerated() where fold[entry.corpus.teacher] == test {
        clustered.add(aware.courses(entry.lesson), rule: entry.rule)
        independent.add(unaware.courses(entry.lesson), rule: entry.rule)
        likelihoods[0] += teacher.logLikelihoods(entry.lesson, rule: entry.rule).reduce(0, +)
        likelihoods[1] += alone.logLikelihoods(entry.lesson, rule: entry.rule).reduce(0, +)
        if TeachingCorpora.baseRules.contains(entry.corpus.rule) {
          base += 1
          for (place, model) in [teacher, alone].enumerated() {
            let lesson = model.lesson(
              rule: space.rules[entry.rule], examples: entry.corpus.examples.count,
              seed: seed &+ UInt64(index))
            clusters[place] += ExampleClusters(lesson.map(\.string)).count
          }
        }
      }
    }
    let count = Double(usable.count)
    return HumanResult(
      corpora: usable.count,
      rows: [
        clustered.row("assumes a teacher"), independent.row("assumes independent examples"),
      ],
      teacher: first ?? ClusterTeacher(), heldOutLogLikelihood: likelihoods.map { $0 / count },
      simulatedClusters: Double(clusters[0]) / Double(max(1, base)),
      simulatedIndependentClusters: Double(clusters[1]) / Double(max(1, base)))
  }

  /// Sums over corpora.
  private struct Course {
    var count = 0.0
    var probability = 0.0
    var logProbability = 0.0
    var best = 0.0
    var toHalf = 0.0
    var steps = [(sum: Double, count: Double)](repeating: (0, 0), count: 8)
    var probabilities: [Double] = []

    mutating func add(_ course: [[Double]], rule: Int) {
      guard let last = course.last else { return }
      count += 1
      probability += last[rule]
      probabilities.append(last[rule])
      logProbability += .log(max(last[rule], 1e-12))
      best += last[rule] == last.max() ? 1 : 0
      toHalf += Double((course.firstIndex { $0[rule] >= 0.5 } ?? course.count) + 1)
      for (index, beliefs) in course.prefix(steps.count).enumerated() {
        steps[index].sum += beliefs[rule]
        steps[index].count += 1
      }
    }

    func row(_ name: String) -> HumanRow {
      let all = max(1, count)
      return HumanRow(
        learner: name, probability: probability / all, logProbability: logProbability / all,
        best: best / all, examplesToHalf: toHalf / all,
        course: steps.filter { $0.count > 0 }.map { $0.sum / $0.count }, probabilities: probabilities)
    }
  }
}
