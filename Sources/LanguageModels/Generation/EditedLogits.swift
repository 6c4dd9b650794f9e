import Expressions
import Foundation
import Torch

/// One row of logits and the completion that draws from it.
final class LogitsRow {
  let stream: GenerationStream
  /// The number of drafted tokens that stand between the completion's newest token and this row.
  let drafted: Int
  /// Whether all of them were drawn.
  var isReached: Bool
  /// The row that draws the token after this one's.
  var next: LogitsRow?
  /// The reason why nothing can be drawn here.
  var problem: String?

  private init(_ stream: GenerationStream, drafted: Int) {
    self.stream = stream
    self.drafted = drafted
    isReached = drafted == 0
  }

  /// A row for the newest token and one for each drafted one.
  static func rows(of stream: GenerationStream) -> [LogitsRow] {
    let rows = (0...stream.draft.count).map { LogitsRow(stream, drafted: $0) }
    for (row, next) in zip(rows, rows.dropFirst()) { row.next = next }
    return rows
  }

  var isEdited: Bool { stream.parameters.editsLogits || stream.matcher != nil }
}

/// Logits after penalties, biases, constraints and typical sampling, and what the model itself thought.
///
/// The order is that of Hugging Face's processors: repetition, presence and frequency, bias, constraint; then typical
/// sampling at the request's temperature. The other filters are the sampling kernel's.
struct EditedLogits {
  private(set) var logits: Tensor
  private var rows: [Int] = []
  /// Copies of the rows that were edited, and the logarithms of their sums of exponentials.
  private var unedited: Tensor?
  private var normalizers: [Float] = []

  init(_ logits: Tensor, _ all: [LogitsRow], ends: [Int]) {
    self.logits = logits
    rows = all.indices.filter { all[$0].isEdited }
    guard !rows.isEmpty else { return }
    let copies = logits.indexSelect(Tensor(ids: rows).to(device: logits.device))
    unedited = copies
    normalizers = copies.logSumExp(axis: -1).array()
    let own = logits.to(.float32, device: .cpu).contiguous()
    self.logits = own
    let width = own.size(1)
    let rows = rows
    own.withUnsafeElements(of: Float.self) { elements in
      for i in rows {
        let row = UnsafeMutableBufferPointer(rebasing: elements[i * width..<(i + 1) * width])
        Self.edit(row, all[i], ends: ends)
      }
    }
  }

  /// Puts the model's own log-probabilities in the place of those of edited rows.
  func restore(_ logProbabilities: inout [Float], of ids: [Int]) {
    guard let unedited else { return }
    let own = unedited.gather(
      Tensor(ids: rows.map { ids[$0] }, shape: [rows.count, 1]).to(device: unedited.device), axis: 1
    ).array()
    for (k, i) in rows.enumerated() { logProbabilities[i] = own[k] - normalizers[k] }
  }

  private static func edit(
    _ logits: UnsafeMutableBufferPointer<Float>, _ row: LogitsRow, ends own: [Int]
  ) {
    let stream = row.stream
    let parameters = stream.parameters
    let draft = stream.draft.prefix(row.drafted)
    if parameters.repetitionPenalty != 1 {
      let factor = Float(parameters.repetitionPenalty)
      for id in Set(stream.request.prompt).union(stream.ids).union(draft) {
        logits[id] = logits[id] > 0 ? logits[id] / factor : logits[id] * factor
      }
    }
    if parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0 {
      var counts = stream.counts
      for id in draft { counts[id, default: 0] += 1 }
      for (id, count) in counts {
        logits[id] -= Float(parameters.presencePenalty + Double(count) * parameters.frequencyPenalty)
      }
    }
    for (id, bias) in parameters.logitBias { logits[id] += Float(bias) }
    if let matcher = stream.matcher, var state = stream.constraintState {
      for id in draft {
        guard let next = matcher.advance(state, by: id) else { return }
        state = next
      }
      guard let mask = matcher.mask(state) else {
        row.problem = "the constraint is too complex: its states take more work than is allowed"
        return
      }
      var ends: [(Int, Float)] = []
      if state.isAccepting {
        if !parameters.ignoresEndOfText { ends += own.map { ($0, logits[$0]) } }
        ends += parameters.stopTokens.map { ($0, logits[$0]) }
      }
      guard mask.isAnything || !ends.isEmpty else {
        row.problem = "no token of the vocabulary goes on with what the constraint allows here"
        return
      }
      mask.apply(to: logits)
      for (id, value) in ends { logits[id] = value }
    }
    if parameters.typicalP < 1, parameters.temperature > 0 {
      keepTypical(logits, mass: parameters.typicalP, temperature: parameters.temperature)
    }
  }

  /// Keeps the tokens whose surprise −ln p lies nearest to the entropy until they hold `mass` (Meister 2023, equation 8).
  private static func keepTypical(
    _ logits: UnsafeMutableBufferPointer<Float>, mass: Double, temperature: Double
  ) {
    let largest = Double(logits.max() ?? 0)
    guard largest.isFinite else { return }
    let weights = logits.map { exp((Double($0) - largest) / temperature) }
    let total = weights.reduce(0, +)
    let probabilities = weights.map { $0 / total }
    let entropy = probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    let candidates = probabilities.indices.filter { probabilities[$0] > 0 }
      .map { (id: $0, distance: abs(-log(probabilities[$0]) - entropy)) }
      .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
    var kept = 0.0
    for candidate in candidates {
      if kept >= mass { logits[candidate.id] = -.infinity } else { kept += probabilities[candidate.id] }
    }
  }
}
