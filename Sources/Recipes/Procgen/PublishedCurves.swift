import Arcade
import Documents

/// The published learning curves of one protocol, means of three seeds (github.com/openai/train-procgen).
struct PublishedCurves {
  /// A row: steps of all training environments, and the mean returns there.
  struct Row {
    var steps: Double
    var train: Double
    var test: Double?
  }

  private let rows: [String: [Row]]

  /// The name of the file that has the curves of a mode and a number of levels; nil where none were published.
  static func file(_ mode: GameMode, levels: Int) -> String? {
    switch (mode, levels) {
    case (.easy, 200): "easy-200.csv"
    case (.easy, 0): "easy-all.csv"
    case (.hard, 500): "hard-500.csv"
    case (.hard, 0): "hard-all.csv"
    default: nil
    }
  }

  /// Reads a file of the columns `game`, `timesteps`, `train_return` and `test_return`.
  ///
  /// - Throws: `DataError` naming the row that has no numbers there.
  init(contentsOf path: String) throws {
    let reader = try RecordReader(paths: [path])
    var rows: [String: [Row]] = [:]
    while let record = try reader.next() {
      func number(_ column: String) -> Double? { record[column]?.string.flatMap(Double.init) ?? record[column]?.double }
      guard let game = record["game"]?.string, let steps = number("timesteps"), let train = number("train_return")
      else {
        throw DataError(
          .badData, path: path, line: record.origin.line, problem: "a row needs game, timesteps and train_return",
          advice: "The files are those of github.com/openai/train-procgen's results, thinned.")
      }
      rows[game, default: []].append(Row(steps: steps, train: train, test: number("test_return")))
    }
    self.rows = rows.mapValues { $0.sorted { $0.steps < $1.steps } }
  }

  /// A game's rows, in the order of their steps.
  func rows(of game: Game) -> [Row] { rows[game.rawValue] ?? [] }

  /// The row nearest to a number of steps; nil where that lies outside of the curve.
  func row(of game: Game, at steps: Int) -> Row? {
    let own = rows(of: game)
    guard let first = own.first, let last = own.last, Double(steps) >= first.steps * 0.9,
      Double(steps) <= last.steps * 1.1
    else { return nil }
    return own.min { abs($0.steps - Double(steps)) < abs($1.steps - Double(steps)) }
  }
}
