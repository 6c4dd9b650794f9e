import Foundation
import Statistics

/// A document's value of a metric.
enum MetricValue: Sendable, Equatable {
  case number(Double, isWhole: Bool = false)
  /// A sum and what it is divided by.
  case weighted(Double, Double)
  /// The right class and the chosen one.
  case classes(Int, Int)
  /// The right class and the probability of each.
  case probabilities(Int, [Double])
  /// Several verdicts on one document.
  case verdicts([Bool])
  /// What should have come and what came, for metrics of a whole corpus.
  case texts(reference: String, prediction: String)

  /// What an aggregation takes.
  enum Kind: Sendable { case number, weighted, classes, probabilities, verdicts, texts }
}

/// A way from the documents' values to one number, with its standard error as lm-evaluation-harness has it.
enum MetricAggregation: String, Sendable, CaseIterable {
  case mean
  case nanMean = "nanmean"
  case median
  case perplexity
  case weightedPerplexity = "weighted_perplexity"
  case bitsPerByte = "bits_per_byte"
  case f1
  case matthews = "matthews_corrcoef"
  case brierScore = "brier_score"
  /// The share of all verdicts on all documents.
  case verdictMean = "verdict_mean"
  /// exact and F1 of SQuAD, in percent.
  case percentage
  case bleu
  case chrF = "chrf"
  case chrFPlusPlus = "chrf++"

  var takes: MetricValue.Kind {
    switch self {
    case .mean, .nanMean, .median, .perplexity, .percentage: .number
    case .weightedPerplexity, .bitsPerByte: .weighted
    case .f1, .matthews: .classes
    case .brierScore: .probabilities
    case .verdictMean: .verdicts
    case .bleu, .chrF, .chrFPlusPlus: .texts
    }
  }

  /// One number of the documents' values.
  func value(of values: [MetricValue]) -> Double {
    switch takes {
    case .number: number(values.map { if case .number(let x, _) = $0 { x } else { .nan } })
    case .weighted:
      {
        var (sum, weight) = (0.0, 0.0)
        for case .weighted(let a, let b) in values { (sum, weight) = (sum + a, weight + b) }
        return self == .bitsPerByte ? -(sum / weight) / log(2) : exp(-(sum / weight))
      }()
    case .classes:
      {
        let pairs = values.compactMap { if case .classes(let gold, let chosen) = $0 { (gold, chosen) } else { nil } }
        return self == .f1 ? Self.f1(pairs) : Self.matthews(pairs)
      }()
    case .probabilities: Self.brier(values)
    case .texts: corpus(values)
    case .verdicts:
      {
        let all = values.flatMap { (value) -> [Bool] in if case .verdicts(let flags) = value { flags } else { [] } }
        return Double(all.count { (flag: Bool) in flag }) / Double(all.count)
      }()
    }
  }

  private func corpus(_ values: [MetricValue]) -> Double {
    let pairs = values.compactMap { value -> TranslationScores.Pair? in
      if case .texts(let reference, let prediction) = value { (reference, prediction) } else { nil }
    }
    return self == .bleu
      ? TranslationScores.bleu(pairs) : TranslationScores.chrF(pairs, wordOrder: self == .chrF ? 0 : 2)
  }

  private func number(_ values: [Double]) -> Double {
    switch self {
    case .perplexity: return exp(-values.reduce(0, +) / Double(values.count))
    case .median: return values.sorted()[values.count / 2]
    case .nanMean:
      let real = values.filter { !$0.isNaN }
      return real.isEmpty ? .nan : real.reduce(0, +) / Double(real.count)
    case .percentage: return 100 * values.reduce(0, +) / Double(values.count)
    default: return values.reduce(0, +) / Double(values.count)
    }
  }

  /// The standard error: in closed form for means, by the harness's bootstrap for others; nil where it has none.
  ///
  /// - Parameter resamples: how many resamples the bootstrap draws, in chunks of 1,000 that are seeded by their number; 0 asks
  ///   for no standard error at all.
  func standardError(of values: [MetricValue], resamples: Int) -> Double? {
    guard resamples > 0, values.count > 1 else { return nil }
    switch self {
    case .mean, .percentage:
      let numbers = values.map { if case .number(let x, _) = $0 { x } else { Double.nan } }
      let error = Self.deviation(numbers) / Double(numbers.count).squareRoot()
      return self == .percentage ? 100 * error : error
    case .median, .perplexity, .nanMean, .f1, .matthews: return bootstrap(values, resamples)
    // Corpora are scored anew each time, which the harness does a hundred times at most.
    case .bleu, .chrF, .chrFPlusPlus: return bootstrap(values, min(resamples, 100))
    default: return nil
    }
  }

  static func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  private func bootstrap(_ values: [MetricValue], _ resamples: Int) -> Double {
    let size = min(1000, resamples)
    let chunks = resamples / size
    let numbers = values.map { if case .number(let x, _) = $0 { x } else { Double.nan } }
    let drawn = ConcurrentResults<[Double]>(count: chunks)
    DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
      var random = PythonRandom(seed: chunk)
      var results: [Double] = []
      results.reserveCapacity(size)
      let n = Double(values.count)
      for _ in 0..<size {
        if self == .perplexity {
          // The common one, without an array for each resample.
          var sum = 0.0
          for _ in values.indices { sum += numbers[Int(random.uniform() * n)] }
          results.append(exp(-sum / n))
        } else {
          results.append(value(of: random.choices(from: values.count, count: values.count).map { values[$0] }))
        }
      }
      drawn.set(results, at: chunk)
    }
    return Self.deviation(drawn.all.flatMap { $0 })
  }

  private static func f1(_ pairs: [(gold: Int, chosen: Int)]) -> Double {
    let hits = pairs.count { $0.gold == 1 && $0.chosen == 1 }
    let total = pairs.count { $0.gold == 1 } + pairs.count { $0.chosen == 1 }
    return total == 0 ? 0 : 2 * Double(hits) / Double(total)
  }

  private static func matthews(_ pairs: [(gold: Int, chosen: Int)]) -> Double {
    var (gold, chosen, both) = ([Int: Double](), [Int: Double](), 0.0)
    for pair in pairs {
      gold[pair.gold, default: 0] += 1
      chosen[pair.chosen, default: 0] += 1
      if pair.gold == pair.chosen { both += 1 }
    }
    let n = Double(pairs.count)
    func product(_ a: [Int: Double], _ b: [Int: Double]) -> Double { a.reduce(0) { $0 + $1.value * (b[$1.key] ?? 0) } }
    let covariance = both * n - product(gold, chosen)
    let spread = (n * n - product(gold, gold)) * (n * n - product(chosen, chosen))
    return spread == 0 ? 0 : covariance / spread.squareRoot()
  }

  private static func brier(_ values: [MetricValue]) -> Double {
    var sum = 0.0
    for case .probabilities(let gold, let all) in values {
      for (i, p) in all.enumerated() { sum += (p - (i == gold ? 1 : 0)) * (p - (i == gold ? 1 : 0)) }
    }
    return sum / Double(values.count)
  }
}
