import Foundation

extension Distribution {
  /// A bar chart for the terminal, most probable values first.
  ///
  /// ```
  /// true   ████████████████████████████▋             0.714
  /// false  ███████████▍                              0.286
  /// ```
  public func histogram(width: Int = 40, limit: Int = 20) -> String {
    let rows = ranked.prefix(max(limit, 1))
    let largest = rows.first?.probability ?? 1
    return TextBars.draw(
      rows.map { ("\($0.value)", $0.probability / largest, TextBars.format($0.probability)) },
      width: width)
      + (values.count > rows.count ? "… and \(values.count - rows.count) more values\n" : "")
  }

  /// A bar chart as an SVG document, most probable values first.
  public func svg(title: String = "", limit: Int = 20) -> String {
    SVGBars.document(
      title: title,
      bars: ranked.prefix(max(limit, 1)).map { ("\($0.value)", $0.probability) })
  }
}

extension Distribution where Value == Double {
  /// The probability in each of a number of equal intervals between the extremes.
  public func binned(_ count: Int = 20) -> [(range: ClosedRange<Double>, probability: Double)] {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let bins = max(count, 1)
    let step = high > low ? (high - low) / Double(bins) : 1
    var masses = Array(repeating: 0.0, count: bins)
    for (value, probability) in zip(values, probabilities) {
      masses[min(Int((value - low) / step), bins - 1)] += probability
    }
    return masses.enumerated().map { index, mass in
      let start = low + Double(index) * step
      return (start...(start + step), mass)
    }
  }

  /// A histogram for the terminal, in order of value.
  public func histogram(bins: Int, width: Int = 40) -> String {
    let bars = binned(bins)
    let largest = bars.map(\.probability).max() ?? 1
    return TextBars.draw(
      bars.map {
        (
          TextBars.format($0.range.lowerBound), $0.probability / max(largest, 1e-300),
          TextBars.format($0.probability)
        )
      }, width: width)
  }

  /// A histogram as an SVG document, in order of value.
  public func svg(title: String = "", bins: Int) -> String {
    SVGBars.document(
      title: title,
      bars: binned(bins).map { (TextBars.format($0.range.lowerBound), $0.probability) })
  }
}

/// Bars of block characters, an eighth of a cell exact.
enum TextBars {
  static func format(_ x: Double) -> String {
    let magnitude = abs(x)
    return magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e6)
      ? String(format: "%.2e", x) : String(format: "%.3f", x)
  }

  static func draw(
    _ rows: [(label: String, fraction: Double, number: String)], width: Int
  ) -> String {
    let width = max(width, 1)
    let labelWidth = rows.map(\.label.count).max() ?? 0
    let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return rows.map { row in
      let cells = Int((min(max(row.fraction, 0), 1) * Double(width * 8)).rounded())
      let bar = String(repeating: "█", count: cells / 8) + eighths[cells % 8]
      let label = row.label + String(repeating: " ", count: labelWidth - row.label.count)
      let space = String(repeating: " ", count: width + 1 - bar.count)
      return "\(label)  \(bar)\(space)\(row.number)\n"
    }.joined()
  }
}

/// Horizontal bars as SVG.
enum SVGBars {
  static func document(title: String, bars: [(label: String, probability: Double)]) -> String {
    let rowHeight = 22
    let top = title.isEmpty ? 10 : 40
    let height = top + bars.count * rowHeight + 10
    let largest = max(bars.map(\.probability).max() ?? 1, 1e-300)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"\(height)\" "
        + "font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    if !title.isEmpty {
      lines.append(
        "<text x=\"320\" y=\"24\" text-anchor=\"middle\" font-size=\"16\">\(escape(title))</text>")
    }
    for (index, bar) in bars.enumerated() {
      let y = top + index * rowHeight
      let length = String(format: "%.1f", 360 * bar.probability / largest)
      lines.append(
        "<text x=\"170\" y=\"\(y + 14)\" text-anchor=\"end\">\(escape(bar.label))</text>"
          + "<rect x=\"180\" y=\"\(y + 2)\" width=\"\(length)\" height=\"16\" fill=\"#4c78a8\"/>"
          + "<text x=\"550\" y=\"\(y + 14)\">\(TextBars.format(bar.probability))</text>")
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escape(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}
