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
      if version.hasSuffix(".0") { version.removeLast(2) }
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
      }, rows)
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

  private static func markdown(_ header: [String], _ rows: [[String]]) -> String {
    func isNumber(_ text: String) -> Bool { Double(text) != nil }
    let isRight = header.indices.map { column in
      let given = rows.map { $0[column] }.filter { !$0.isEmpty && $0 != " " }
      return !given.isEmpty && given.allSatisfy(isNumber)
    }
    let widths = header.indices.map { column in
      max(3, rows.map { $0[column].count }.max() ?? 0, header[column].count)
    }
    func centred(_ text: String, _ width: Int) -> String {
      let pad = width - text.count
      let left = pad / 2 + (pad & width & 1)
      return String(repeating: " ", count: left) + text + String(repeating: " ", count: pad - left)
    }
    func line(_ cells: [String]) -> String { "|" + cells.joined(separator: "|") + "|" }
    let rule = header.indices.map {
      String(repeating: "-", count: widths[$0] - (isRight[$0] ? 1 : 0)) + (isRight[$0] ? ":" : "")
    }
    let body = rows.map { row in
      line(
        row.indices.map { column in
          let space = String(repeating: " ", count: widths[column] - row[column].count)
          return isRight[column] ? space + row[column] : row[column] + space
        })
    }
    return ([line(header.indices.map { centred(header[$0], widths[$0]) }), line(rule)] + body).joined(separator: "\n")
      + "\n"
  }
}
