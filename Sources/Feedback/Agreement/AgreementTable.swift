/// The judgements of labellers on items: the input of the agreement statistics.
///
/// ```swift
/// let table = AgreementTable(comparisons: try store.comparisons())
/// print(table.krippendorffAlpha(.nominal))
/// ```
///
/// Values are numbers: codes of categories, ranks or measurements. Not everybody needs to have
/// judged everything.
public struct AgreementTable: Sendable, Equatable {
  /// The labellers, in the order of the columns.
  public let labellers: [String]
  /// For each item a row with each labeller's value, nil where there is none.
  public let rows: [[Double?]]

  /// Makes a table of rows that are all as long as there are labellers.
  public init(rows: [[Double?]], labellers: [String]? = nil) {
    let width = rows.first?.count ?? labellers?.count ?? 0
    precondition(rows.allSatisfy { $0.count == width }, "rows of different lengths")
    precondition(labellers?.count ?? width == width, "labellers don't match the columns")
    precondition(
      rows.joined().allSatisfy { $0?.isFinite ?? true }, "a judgement is not a finite number")
    self.rows = rows
    self.labellers = labellers ?? (0..<width).map { "labeller \($0 + 1)" }
  }

  /// A table of judgements on the same pairs of responses, whichever way round labellers saw them.
  ///
  /// A value is 1 where one fixed side of the pair was preferred, −1 where the other was, 0 for a
  /// tie. Where somebody judged a pair twice, the later judgement counts.
  public init(comparisons: [Comparison]) {
    struct Pair: Hashable {
      let prompt: Prompt
      let low: String
      let high: String
    }
    self.init(
      judgements: comparisons.map { item in
        let isOrdered = item.first.text <= item.second.text
        let value = 2 * item.label - 1
        let pair =
          isOrdered
          ? Pair(prompt: item.prompt, low: item.first.text, high: item.second.text)
          : Pair(prompt: item.prompt, low: item.second.text, high: item.first.text)
        return (pair, item.provenance.labeller, isOrdered ? value : -value)
      })
  }

  /// A table of ratings of the same responses along one axis.
  public init(ratings: [Rating], axis: String = "overall") {
    struct Rated: Hashable {
      let prompt: Prompt
      let text: String
    }
    self.init(
      judgements: ratings.filter { $0.axis == axis }.map {
        (Rated(prompt: $0.prompt, text: $0.response.text), $0.provenance.labeller, $0.value)
      })
  }

  private init<Key: Hashable>(judgements: [(item: Key, labeller: String, value: Double)]) {
    let labellers = Set(judgements.map(\.labeller)).sorted()
    let columns = Dictionary(uniqueKeysWithValues: labellers.enumerated().map { ($1, $0) })
    var places: [Key: Int] = [:]
    var rows: [[Double?]] = []
    for (item, labeller, value) in judgements {
      let place = places[item] ?? rows.count
      if place == rows.count {
        places[item] = place
        rows.append([Double?](repeating: nil, count: labellers.count))
      }
      if let column = columns[labeller] { rows[place][column] = value }
    }
    self.init(rows: rows, labellers: labellers)
  }

  /// The distinct values, in order.
  public var categories: [Double] { Set(rows.joined().compactMap(\.self)).sorted() }

  /// The rows that at least two labellers judged.
  var comparableRows: [[Double]] {
    rows.map { $0.compactMap(\.self) }.filter { $0.count >= 2 }
  }

  /// For each row, how many labellers chose each category.
  func counts(_ categories: [Double]) -> [[Double]] {
    rows.map { row in
      categories.map { category in Double(row.count { $0 == category }) }
    }
  }
}
