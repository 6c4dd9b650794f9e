import Documents
import LanguageModels

/// Documents laid end to end and cut into rows of one length, for pretraining.
///
/// Attention stays inside each document: a row knows where documents end. What does not fill a last row is left to the next
/// epoch's order.
public struct TokenRows: Sendable {
  /// The documents' tokens, each with its end-of-text token.
  let documents: [[Int32]]
  /// Tokens per row; a row also needs the token after its last.
  public let length: Int
  /// Tokens in all.
  public let tokens: Int

  /// Rows of `length` tokens over these documents.
  ///
  /// - Throws: ``DataError`` if they don't fill a single row.
  public init(_ documents: [[Int]], length: Int, path: String) throws {
    self.documents = documents.map { $0.map(Int32.init) }
    self.length = length
    tokens = documents.reduce(0) { $0 + $1.count }
    guard tokens > length else {
      throw DataError(
        .noInput, path: path,
        problem: "the data holds \(tokens) tokens, which do not fill one row of \(length)",
        advice: "give more data or a smaller context")
    }
  }

  /// Rows per epoch.
  public var rows: Int { (tokens - 1) / length }

  /// One epoch's documents in order, addressable by row.
  struct Epoch {
    let order: [Int]
    let starts: [Int]
  }

  func epoch(order: [Int]) -> Epoch {
    var starts = [0]
    starts.reserveCapacity(order.count + 1)
    for i in order { starts.append(starts[starts.count - 1] + documents[i].count) }
    return Epoch(order: order, starts: starts)
  }

  /// A row's pieces of documents and, for each token, the token that follows it in its document (−100 at its end).
  func row(_ number: Int, of epoch: Epoch) -> [(tokens: [Int], targets: [Int])] {
    var position = number * length
    let end = position + length
    // The last document that starts at or before the row.
    var low = 0
    var high = epoch.order.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if epoch.starts[middle] <= position { low = middle } else { high = middle }
    }
    var pieces: [(tokens: [Int], targets: [Int])] = []
    var document = low
    while position < end {
      let tokens = documents[epoch.order[document]]
      let from = position - epoch.starts[document]
      let to = min(tokens.count, from + end - position)
      if to > from {
        let piece = tokens[from..<to].map(Int.init)
        let following = tokens[(from + 1)...].prefix(to - from).map(Int.init)
        pieces.append((piece, following + Array(repeating: -100, count: piece.count - following.count)))
        position += to - from
      }
      document += 1
    }
    return pieces
  }
}
