import Documents
import Foundation
import Statistics

extension EvaluationResults {
  /// The results as the Markdown table that lm-evaluation-harness prints.
  ///
  /// - Parameter groups: whether only groups are shown.
  public func table(groups showsGroups: Bool = false) -> String {
    let metrics = metrics
    let shown = showsGroups ? Set(groups.filter { !$0.averages.isEmpty }.map(\.name)) : Set(metrics.keys)
    var rows: [[String]] = []
    for (name, depth) in order(shown) {
      guard let values = metrics[name]?.object else { continue }
      let better = higherIsBetter.first { $0.name == name }?.metrics ?? []
      var title = String(repeating: " ", count: depth) + (depth > 0 ? "- " : "") + (values["alias"]?.string ?? name)
      var version = versions.first { $0.name == name }?.version.pythonText ?? "    N/A"
      let count = shots.first { $0.name == name }.map { "\($0.count)" } ?? " "
      for key in values.keys.filter({ $0.contains(",") }).sorted() {
        let parts = key.split(separator: ",", maxSplits: 1).map(String.init)
        guard !parts[0].hasSuffix("_stderr"), let value = values[key]?.double else { continue }
        let sign = better.first { $0.metric == parts[0] }?.isBetter.map { $0 ? "↑" : "↓" } ?? ""
        var row = [title, version, parts[1], count, parts[0], sign, fixed(value, 4), "", ""]
        if let error = values["\(parts[0])_stderr,\(parts[1])"] {
          row[7] = "±"
          row[8] = error.double.map { fixed($0, 4) } ?? "   N/A"
        }
        rows.append(row)
        (title, version) = ("", "")
      }
    }
    return Self.markdown(
      ["Tasks", "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr"].enumerated().map {
        $0.offset == 0 && showsGroups ? "Groups" : $0.element
      }, rows, numeric: [1])
  }

  /// Groups with what they hold below them, then the other tasks.
  private func order(_ shown: Set<String>) -> [(name: String, depth: Int)] {
    var ordered: [(name: String, depth: Int)] = []
    var seen: Set<String> = []
    func visit(_ node: TaskNode, _ depth: Int) {
      guard seen.insert(node.name).inserted else { return }
      if shown.contains(node.name) { ordered.append((node.name, depth)) }
      if case .group(let group) = node {
        for child in group.children.sorted(by: { $0.name < $1.name }) { visit(child, depth + 1) }
      }
    }
    let inGroups = nodes.filter { if case .group = $0 { true } else { false } }.sorted { $0.name < $1.name }
    for node in inGroups { visit(node, 0) }
    for node in nodes.sorted(by: { $0.name < $1.name }) { visit(node, 0) }
    return ordered
  }

  /// A table as pytablewriter lays it out, which the harness prints with.
  ///
  /// A column's numbers have as many decimals as the one that needs most, and whole ones none where words stand beside them. Texts
  /// count as numbers unless the column begins with a word; numbers keep to the right, and a column of nothing else says so.
  private static func markdown(_ header: [String], _ rows: [[String]], numeric: Set<Int>) -> String {
    let columns = header.indices.map { column -> (cells: [String], isNumber: [Bool]) in
      let given = rows.map { $0[column] }
      let readsNumbers = numeric.contains(column) || given.first.map { Double($0) != nil } ?? false
      let numbers = given.map { readsNumbers ? Double($0) : nil }
      let isPure = zip(given, numbers).allSatisfy { $1 != nil || $0.allSatisfy(\.isWhitespace) }
      let decimals = numbers.compactMap { $0.map(Self.decimals) }.max() ?? 0
      let cells = zip(given, numbers).map { text, number -> String in
        guard let number else { return text.allSatisfy(\.isWhitespace) ? "" : text }
        if number.isNaN { return "NaN" }
        return fixed(number, isPure || number != number.rounded() ? decimals : 0)
      }
      return (cells, numbers.map { $0 != nil })
    }
    let isRight = columns.map { column in
      column.isNumber.contains(true) && zip(column.cells, column.isNumber).allSatisfy { $1 || $0.isEmpty }
    }
    let widths = header.indices.map { max(3, columns[$0].cells.map(\.count).max() ?? 0, header[$0].count) }
    func centred(_ text: String, _ width: Int) -> String {
      let pad = width - text.count
      let left = pad / 2
      return String(repeating: " ", count: left) + text + String(repeating: " ", count: pad - left)
    }
    func line(_ cells: [String]) -> String { "|" + cells.joined(separator: "|") + "|" }
    let rule = header.indices.map {
      isRight[$0] ? String(repeating: "-", count: widths[$0] - 1) + ":" : String(repeating: "-", count: widths[$0])
    }
    let body = rows.indices.map { row in
      line(
        columns.indices.map { column in
          let text = columns[column].cells[row]
          let space = String(repeating: " ", count: widths[column] - text.count)
          return columns[column].isNumber[row] || isRight[column] ? space + text : text + space
        })
    }
    return ([line(header.indices.map { centred(header[$0], widths[$0]) }), line(rule)] + body).joined(separator: "\n")
      + "\n"
  }

  /// The decimals that a number with four of them needs.
  private static func decimals(_ number: Double) -> Int {
    guard number.isFinite else { return 0 }
    return (0..<4).first { Double(fixed(number, $0)) == Double(fixed(number, 4)) } ?? 4
  }
}
