/// Columns of text with a header, as people read them on a terminal.
///
/// ```swift
/// var table = Table([("model", .left), ("loss", .right)])
/// table.add(["base", "2.31"])
/// print(table.text)
/// ```
public struct Table {
  /// Which side of its column a cell keeps to.
  public enum Alignment: Sendable {
    /// Words keep to the left.
    case left
    /// Numbers keep to the right.
    case right
  }

  private var columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  /// A table without rows yet.
  public init(_ columns: [(String, Alignment)]) {
    self.columns = columns.map { (title: $0.0, alignment: $0.1) }
  }

  /// Adds a row: a cell for each column.
  public mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table as lines of text; nothing trails behind a line.
  public var text: String {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return switch columns[column].alignment {
        case .left: row[column] + padding
        case .right: padding + row[column]
        }
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
