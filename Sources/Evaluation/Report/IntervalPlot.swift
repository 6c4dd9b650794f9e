import Foundation
public import Statistics

/// Estimates under each other, each a dot on its interval: win rates at a glance.
///
/// ```swift
/// let plot = IntervalPlot(title: "Preferred by the gold judge", rows: [("PPO", ppo), ("SFT", sft)],
///   reference: 0.5, isPercentage: true)
/// ```
public struct IntervalPlot: Sendable {
  /// The title above the plot.
  public var title: String
  /// The estimates with their names, from top to bottom.
  public var rows: [(name: String, estimate: Estimate)]
  /// A value to compare with, such as chance.
  public var reference: Double?
  /// Whether the values are shares, shown in percent: from 0 to 100 where all lie there, and where the data are else, as differences
  /// of shares and ratios do.
  public var isPercentage: Bool
  /// The marks that rows are compared with; none, or one for each row.
  public var marks: [Mark] = []

  /// A mark that a row is compared with.
  public struct Mark: Sendable, Equatable {
    /// A goal, drawn as a line across the row.
    public var goal: Double?
    /// A figure from elsewhere, drawn as a diamond.
    public var published: Double?

    /// A row's marks.
    public init(goal: Double? = nil, published: Double? = nil) {
      self.goal = goal
      self.published = published
    }
  }

  /// Makes a plot.
  public init(
    title: String, rows: [(name: String, estimate: Estimate)], reference: Double? = nil,
    isPercentage: Bool = false
  ) {
    self.title = title
    self.rows = rows
    self.reference = reference
    self.isPercentage = isPercentage
  }

  /// The plot as a document that stands alone.
  public func svg(width: Double = 460) -> String { document(width: width, standalone: true) }

  func document(width: Double, standalone: Bool) -> String {
    let top = 38.0
    let (left, right) = (14.0, width - 18)
    let summaries = rows.map { isPercentage ? $0.estimate.percentage : $0.estimate.description }
    // Where a name would run into its figures, these stand below it.
    let isStacked = zip(rows, summaries).contains { row, summary in
      7.8 * Double(row.name.count) + 6.8 * Double(summary.count) + 12 > right - left
    }
    let names = rows.map { lines(of: $0.name, characters: Int((right - left) / 7.8)) }
    let heights = names.map { (isStacked ? 62.0 : 46) + 18 * Double($0.count - 1) }
    let bottom = top + heights.reduce(0, +)
    let height = bottom + (marks.isEmpty ? 30 : 52)
    var bounds = rows.flatMap { [$0.estimate.low, $0.estimate.high] }
    bounds += marks.flatMap { [$0.goal, $0.published].compactMap { $0 } }
    if let reference { bounds.append(reference) }
    let isShare = isPercentage && bounds.allSatisfy { (0...1).contains($0) || !$0.isFinite }
    let axis = Plot.Axis("", range: isShare ? 0...1 : nil)
    let scale = PlotScale(values: bounds, axis: axis, ticks: 4)
    func place(_ value: Double) -> Double? {
      scale.position(value).map { left + $0 * (right - left) }
    }
    var body = label(title, left, 22, "start", "plot-title")
    for tick in scale.ticks {
      guard let x = place(tick) else { continue }
      body += path("plot-grid", "M\(fixed(x, 1)) \(fixed(top, 1))V\(fixed(bottom, 1))")
      let name = isPercentage ? fixed(100 * tick, 0) + "%" : scale.label(tick)
      let anchor = x < left + 10 ? "start" : (x > right - 10 ? "end" : "middle")
      body += label(name, x, bottom + 18, anchor, "plot-tick")
    }
    if let x = reference.flatMap(place) {
      body += path("plot-reference", "M\(fixed(x, 1)) \(fixed(top, 1))V\(fixed(bottom, 1))")
    }
    var next = top
    for (index, row) in rows.enumerated() {
      for (line, words) in names[index].enumerated() {
        body += label(words, left, next + 17 + 18 * Double(line), "start", "plot-row")
      }
      let y = next + 18 * Double(names[index].count - 1)
      next += heights[index]
      let figures = isStacked ? y + 33 : y + 17
      body += label(summaries[index], isStacked ? left : right, figures, isStacked ? "start" : "end", "plot-tick")
      let line = figures + 14
      guard let x = place(row.estimate.value), let low = place(row.estimate.low),
        let high = place(row.estimate.high)
      else { continue }
      body += path("plot-track", "M\(fixed(left, 1)) \(fixed(line, 1))H\(fixed(right, 1))")
      body += path("plot-interval plot-c0", "M\(fixed(low, 1)) \(fixed(line, 1))H\(fixed(high, 1))")
      if index < marks.count {
        if let goal = marks[index].goal.flatMap(place) {
          body += path("plot-goal", "M\(fixed(goal, 1)) \(fixed(line - 9, 1))v18")
        }
        if let published = marks[index].published.flatMap(place) { body += diamond(published, line) }
      }
      body += "<circle class=\"plot-dot plot-c0\" cx=\"\(fixed(x, 1))\" "
      body += "cy=\"\(fixed(line, 1))\" r=\"5\"/>\n"
    }
    if !marks.isEmpty {
      let y = height - 14
      body += path("plot-goal", "M\(fixed(left + 4, 1)) \(fixed(y - 10, 1))v14")
      body += label("goal", left + 14, y, "start", "plot-legend")
      if marks.contains(where: { $0.published != nil }) {
        body += diamond(left + 66, y - 4) + label("published", left + 78, y, "start", "plot-legend")
      }
    }
    return svgDocument(
      width: width, height: height, label: title, body: body, standalone: standalone)
  }

  /// A name in lines of at most so many characters where its words allow it.
  private func lines(of name: String, characters: Int) -> [String] {
    name.split(separator: " ").reduce(into: [""]) { lines, word in
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= characters {
        lines[lines.count - 1] = "\(line) \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  private func diamond(_ x: Double, _ y: Double) -> String {
    path("plot-published", "M\(fixed(x, 1)) \(fixed(y - 6, 1))l6 6l-6 6l-6 -6z")
  }

  private func path(_ kind: String, _ data: String) -> String {
    "<path class=\"\(kind)\" d=\"\(data)\"/>"
  }

  private func label(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, _ kind: String
  ) -> String {
    "<text class=\"\(kind)\" x=\"\(fixed(x, 1))\" y=\"\(fixed(y, 1))\" "
      + "text-anchor=\"\(anchor)\">\(escaped(text))</text>"
  }
}
