import Documents
import Statistics

/// Draws a document's examples as lm-evaluation-harness does from the same seed, document after document.
struct FewShotSampler {
  private var random: PythonRandom
  private let documents: [JSONObject]
  private let takesFirst: Bool

  init(_ documents: [JSONObject], takesFirst: Bool, seed: Int) {
    random = PythonRandom(seed: seed)
    self.documents = documents
    self.takesFirst = takesFirst
  }

  /// The places of the examples.
  ///
  /// - Parameter excluded: the document that is asked about, where it may be among the examples.
  mutating func sample(_ count: Int, excluding excluded: JSONObject?) throws -> [Int] {
    if count == 0 { return [] }
    func allowed(_ places: some Sequence<Int>) -> [Int] {
      guard let excluded else { return Array(places) }
      return places.filter { documents[$0] != excluded }
    }
    func require(_ needed: Int, of there: Int) throws {
      guard there >= needed else {
        throw TaskError("\(count) examples are asked for, and \(there) can be drawn from")
      }
    }
    if takesFirst {
      let pool = allowed(documents.indices)
      try require(count, of: pool.count)
      return Array(pool.prefix(count))
    }
    let drawn = excluded == nil ? count : count + 1
    try require(drawn, of: documents.count)
    let chosen = Array(allowed(random.sample(from: documents.count, count: drawn)).prefix(count))
    if chosen.count == count { return chosen }
    // Copies of the document were drawn too.
    let pool = allowed(documents.indices)
    try require(count, of: pool.count)
    return random.sample(from: pool.count, count: count).map { pool[$0] }
  }
}
