import Documents
public import Foundation

/// A self-contained HTML page: headings, text, key facts, tables, figures, samples side by side.
///
/// Nothing is loaded from elsewhere and nothing runs: one file with its style inside and a content
/// policy that forbids the rest. All text is escaped, so that whatever a model wrote is shown and
/// never obeyed. It follows the reader's light or dark setting and fits a phone.
///
/// ```swift
/// var report = Report(title: "Quickstart", subtitle: "a simulated labeller teaches a small model")
/// report.keyFacts([("PPO beats SFT", win.estimate.percentage), ("Wall time", "6 min 40 s")])
/// report.heading("Learning curves")
/// report.figure([lossPlot, rewardPlot], caption: "Loss and reward by step.")
/// report.samples(prompt: post, [("SFT", baseline(post), nil), ("PPO", tuned(post), "gold 0.82")])
/// try report.write(to: run.appending(path: "report.html"))
/// ```
public struct Report: Sendable {
  /// A table's cell.
  public enum Cell: Sendable, ExpressibleByStringLiteral {
    /// Words, aligned left.
    case text(String)
    /// A number, aligned right.
    case number(Double, decimals: Int)
    /// An estimate with its interval and a small picture of it.
    case estimate(Estimate, isPercentage: Bool)

    /// Makes a text cell.
    public init(stringLiteral value: String) { self = .text(value) }
  }

  /// The weight of a note.
  public enum NoteKind: String, Sendable {
    /// Worth knowing.
    case information
    /// Changes how the figures should be read.
    case caution
  }

  /// The page's title.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  private var blocks: [String] = []
  private var contents: [(anchor: String, title: String)] = []

  /// Starts an empty page.
  public init(title: String, subtitle: String = "") {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds a heading; those of level 2 are listed at the top of the page.
  public mutating func heading(_ text: String, level: Int = 2) {
    let level = min(max(level, 2), 4)
    let anchor = "part-\(blocks.count)"
    if level == 2 { contents.append((anchor, text)) }
    blocks.append("<h\(level) id=\"\(anchor)\">\(escaped(text))</h\(level)>")
  }

  /// Adds a paragraph.
  public mutating func paragraph(_ text: String) {
    blocks.append("<p>\(escaped(text))</p>")
  }

  /// Adds a paragraph in a box.
  public mutating func note(_ text: String, kind: NoteKind = .information) {
    blocks.append("<p class=\"note \(kind.rawValue)\">\(escaped(text))</p>")
  }

  /// Adds a command or a file's text as it stands.
  public mutating func code(_ text: String) {
    blocks.append("<pre class=\"code\" tabindex=\"0\">\(escaped(text))</pre>")
  }

  /// Adds the few numbers that the page is about, large.
  public mutating func keyFacts(_ facts: [(label: String, value: String)]) {
    let items = facts.map { fact in
      // An interval after the number is set smaller than the number.
      let parts = fact.value.split(separator: " ", maxSplits: 1).map(String.init)
      let isMeasured = parts.count == 2 && parts[1].hasPrefix("[")
      let value =
        isMeasured
        ? "\(escaped(parts[0])) <small>\(escaped(parts[1]))</small>" : escaped(fact.value)
      return "<div><dt>\(escaped(fact.label))</dt><dd>\(value)</dd></div>"
    }
    blocks.append("<dl class=\"facts\">\(items.joined())</dl>")
  }

  /// Adds a table; rows shorter than the header end in empty cells.
  public mutating func table(header: [String], rows: [[Cell]], caption: String = "") {
    let isNumeric = header.indices.map { column in
      rows.contains { row in
        guard column < row.count else { return false }
        if case .text = row[column] { return false }
        return true
      }
    }
    var html = "<div class=\"table\" tabindex=\"0\"><table>"
    if !caption.isEmpty { html += "<caption>\(escaped(caption))</caption>" }
    html += "<thead><tr>"
    for (column, name) in header.enumerated() {
      let kind = isNumeric[column] ? " class=\"number\"" : ""
      html += "<th scope=\"col\"\(kind)>\(escaped(name))</th>"
    }
    html += "</tr></thead><tbody>"
    for row in rows {
      html += "<tr>"
      for column in header.indices {
        guard column < row.count else {
          html += "<td></td>"
          continue
        }
        html += Self.cell(row[column], isFirst: column == 0, isNumeric: isNumeric[column])
      }
      html += "</tr>"
    }
    blocks.append(html + "</tbody></table></div>")
  }

  /// Adds plots, beside each other where there is room.
  public mutating func figure(_ plots: [Plot], caption: String = "") {
    let drawings = plots.map {
      PlotDrawing(plot: $0, width: 460, height: 300).document(standalone: false)
    }
    figure(drawings: drawings, caption: caption)
  }

  /// Adds a plot of estimates with their intervals.
  public mutating func figure(_ plot: IntervalPlot, caption: String = "") {
    figure(drawings: [plot.document(width: 460, standalone: false)], caption: caption)
  }

  /// Adds one prompt with several systems' answers side by side, each with an optional remark.
  public mutating func samples(
    prompt: String, _ answers: [(name: String, text: String, remark: String?)]
  ) {
    var html = "<section class=\"sample\">"
    html += "<div class=\"prompt\" dir=\"auto\">\(escaped(prompt))</div>"
    html += "<div class=\"answers\">"
    for answer in answers {
      html += "<article><header><b>\(escaped(answer.name))</b>"
      if let remark = answer.remark { html += "<span>\(escaped(remark))</span>" }
      let text = answer.text.isEmpty ? "<i>(nothing)</i>" : escaped(answer.text)
      html += "</header><div class=\"answer\" dir=\"auto\">\(text)</div></article>"
    }
    blocks.append(html + "</div></section>")
  }

  /// The page.
  public func html() -> String {
    var body = "<header class=\"top\"><h1>\(escaped(title))</h1>"
    if !subtitle.isEmpty { body += "<p>\(escaped(subtitle))</p>" }
    body += "</header>\n"
    if contents.count > 2 {
      let links = contents.map { "<a href=\"#\($0.anchor)\">\(escaped($0.title))</a>" }
      body += "<nav aria-label=\"Contents\">\(links.joined())</nav>\n"
    }
    body += blocks.joined(separator: "\n")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="color-scheme" content="light dark">
      <title>\(escaped(title))</title>
      <style>\(reportStyle)</style>
      </head>
      <body><main>
      \(body)
      </main></body>
      </html>

      """
  }

  /// Writes the page, whole or not at all.
  public func write(to url: URL) throws {
    try DurableFile.write(html(), to: url.path)
  }

  private mutating func figure(drawings: [String], caption: String) {
    var html = "<figure class=\"\(drawings.count == 1 ? "single" : "several")\">"
    html += "<div class=\"plots\">\(drawings.joined())</div>"
    if !caption.isEmpty { html += "<figcaption>\(escaped(caption))</figcaption>" }
    blocks.append(html + "</figure>")
  }

  private static func cell(_ cell: Cell, isFirst: Bool, isNumeric: Bool) -> String {
    switch cell {
    case .text(let text):
      isFirst
        ? "<th scope=\"row\">\(escaped(text))</th>"
        : "<td\(isNumeric ? " class=\"number\"" : "")>\(escaped(text))</td>"
    case .number(let number, let decimals):
      "<td class=\"number\">\(fixed(number, decimals))</td>"
    case .estimate(let estimate, let isPercentage):
      "<td class=\"number estimate\">\(estimateMarkup(estimate, isPercentage))</td>"
    }
  }

  private static func estimateMarkup(_ estimate: Estimate, _ isPercentage: Bool) -> String {
    let scale = isPercentage ? 100.0 : 1
    let decimals = isPercentage ? 1 : 3
    let unit = isPercentage && estimate.value.isFinite ? "%" : ""
    var html = "<b>\(fixed(scale * estimate.value, decimals))\(unit)</b> "
    html += "<small>[\(fixed(scale * estimate.low, decimals)), "
    html += "\(fixed(scale * estimate.high, decimals))]</small>"
    guard isPercentage, estimate.value.isFinite, estimate.low.isFinite, estimate.high.isFinite
    else {
      return html
    }
    let place: (Double) -> String = { fixed(min(max($0, 0), 1) * 100, 1) }
    html += "<svg class=\"plot mini\" viewBox=\"-3 0 106 8\" preserveAspectRatio=\"none\" "
    html += "aria-hidden=\"true\"><path class=\"plot-track\" d=\"M0 4H100\"/>"
    html += "<path class=\"plot-axis\" d=\"M50 0V8\"/>"
    html += "<path class=\"plot-interval plot-c0\" d=\"M\(place(estimate.low)) 4"
    html += "H\(place(estimate.high))\"/><circle class=\"plot-dot plot-c0\" "
    return html + "cx=\"\(place(estimate.value))\" cy=\"4\" r=\"3\"/></svg>"
  }
}
