import Foundation
import Statistics

/// Draws one ``Plot`` as SVG elements.
struct PlotDrawing {
  private let plot: Plot
  private let width: Double
  private let height: Double
  private let xScale: PlotScale
  private let yScale: PlotScale
  private let legend: [[(index: Int, name: String, x: Double)]]
  private let left: Double
  private let top: Double
  private let right = 16.0
  private let bottom = 46.0

  /// About what a digit or letter of the 12-unit type takes.
  private static let letterWidth = 6.6

  init(plot: Plot, width: Double, height: Double) {
    self.plot = plot
    self.width = width
    self.height = height
    let points = plot.series.flatMap(\.points)
    let xScale = PlotScale(values: points.map(\.x), axis: plot.x, ticks: 6)
    let heights = points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] }
    let yScale = PlotScale(values: heights + plot.references.map(\.y), axis: plot.y, ticks: 5)
    var rows: [[(index: Int, name: String, x: Double)]] = []
    if plot.series.count > 1 {
      var x = Double.infinity
      for (index, series) in plot.series.enumerated() {
        let taken = 34 + Double(series.name.count) * Self.letterWidth + 12
        if x + taken > width - 20 {
          rows.append([])
          x = 14
        }
        rows[rows.count - 1].append((index, series.name, x))
        x += taken
      }
    }
    (self.xScale, self.yScale) = (xScale, yScale)
    legend = rows
    let labels = yScale.ticks.map { yScale.label($0).count }
    left = 34 + Double(labels.max() ?? 1) * Self.letterWidth
    top = 38 + Double(rows.count) * 19
  }

  func document(standalone: Bool) -> String {
    svgDocument(
      width: width, height: height, label: plot.title, body: body(), standalone: standalone)
  }

  func body() -> String {
    var svg = text(plot.title, x: 14, y: 22, anchor: "start", kind: "plot-title")
    svg += legendBody() + grid()
    let clip = "clip-\(clipHash)"
    svg += "<clipPath id=\"\(clip)\"><rect x=\"\(number(left))\" y=\"\(number(top - 4))\" "
    svg += "width=\"\(number(innerWidth))\" height=\"\(number(innerHeight + 8))\"/></clipPath>\n"
    svg += "<g clip-path=\"url(#\(clip))\">\n"
    for (index, series) in plot.series.enumerated() { svg += drawn(series, colour: index) }
    return svg + "</g>\n" + referenceLabels()
  }

  // MARK: frame

  private var innerWidth: Double { width - left - right }
  private var innerHeight: Double { height - top - bottom }
  /// Equal frames may share a clip path; different ones in one page must not.
  private var clipHash: String {
    [left, top, width, height].map { String(Int($0 * 10)) }.joined(separator: "-")
  }

  private func legendBody() -> String {
    var svg = ""
    for (row, entries) in legend.enumerated() {
      let y = 42 + Double(row) * 19
      for (index, name, x) in entries {
        let style = plot.series[index].style
        if style != .points {
          svg += "<path class=\"plot-line \(colour(index))\"\(dash(index)) "
          svg += "d=\"M\(number(x)) \(number(y - 4))h24\"/>"
        }
        if style != .line { svg += marker(index, x: x + 12, y: y - 4) }
        svg += text(name, x: x + 30, y: y, anchor: "start", kind: "plot-legend")
      }
    }
    return svg
  }

  private func grid() -> String {
    var svg = ""
    for tick in yScale.ticks {
      guard let y = vertical(tick) else { continue }
      svg += "<path class=\"plot-grid\" d=\"M\(number(left)) \(number(y))h\(number(innerWidth))\"/>"
      svg += text(yScale.label(tick), x: left - 7, y: y + 4, anchor: "end", kind: "plot-tick")
    }
    for tick in xScale.ticks {
      guard let x = horizontal(tick) else { continue }
      svg += "<path class=\"plot-axis\" d=\"M\(number(x)) \(number(top + innerHeight))v4\"/>"
      svg += text(
        xScale.label(tick), x: x, y: top + innerHeight + 17, anchor: "middle", kind: "plot-tick")
    }
    svg += "<path class=\"plot-axis\" d=\"M\(number(left)) \(number(top + innerHeight))"
    svg += "h\(number(innerWidth))\"/>"
    svg += text(
      plot.x.label, x: left + innerWidth / 2, y: height - 9, anchor: "middle", kind: "plot-label")
    let middle = top + innerHeight / 2
    svg += "<g transform=\"rotate(-90 13 \(number(middle)))\">"
    svg += text(plot.y.label, x: 13, y: middle + 4, anchor: "middle", kind: "plot-label") + "</g>\n"
    for line in plot.references {
      guard let y = vertical(line.y) else { continue }
      svg += "<path class=\"plot-reference\" d=\"M\(number(left)) \(number(y))"
      svg += "h\(number(innerWidth))\"/>"
    }
    return svg + "\n"
  }

  private func referenceLabels() -> String {
    plot.references.map { line in
      guard let y = vertical(line.y) else { return "" }
      return text(
        line.label, x: left + innerWidth - 4, y: y - 5, anchor: "end", kind: "plot-note")
    }.joined()
  }

  // MARK: data

  private func drawn(_ series: Plot.Series, colour index: Int) -> String {
    let style = series.style
    var svg = ""
    if style == .line { svg += band(series.points, colour: index) }
    if style != .points {
      if series.smoothing > 0 {
        svg += line(series.points, kind: "plot-line plot-faint", colour: index, dashed: false)
        svg += line(
          smoothed(series.points, series.smoothing), kind: "plot-line", colour: index, dashed: true)
      } else {
        svg += line(series.points, kind: "plot-line", colour: index, dashed: true)
      }
    }
    guard style != .line else { return svg + "\n" }
    for point in series.points {
      guard let x = horizontal(point.x), let y = vertical(point.y) else { continue }
      if let low = point.low.flatMap(vertical), let high = point.high.flatMap(vertical) {
        svg += "<path class=\"plot-bar \(colour(index))\" d=\"M\(number(x)) \(number(low))"
        svg += "V\(number(high))m-3 0h6M\(number(x - 3)) \(number(low))h6\"/>"
      }
      svg += marker(index, x: x, y: y)
    }
    return svg + "\n"
  }

  private func line(_ points: [Plot.Point], kind: String, colour index: Int, dashed: Bool) -> String {
    var path = ""
    var isDrawing = false
    for point in thinned(points) {
      guard let x = horizontal(point.x), let y = vertical(point.y) else {
        isDrawing = false
        continue
      }
      path += "\(isDrawing ? "L" : "M")\(number(x)) \(number(y))"
      isDrawing = true
    }
    guard !path.isEmpty else { return "" }
    return "<path class=\"\(kind) \(colour(index))\"\(dashed ? dash(index) : "") d=\"\(path)\"/>"
  }

  private func band(_ points: [Plot.Point], colour index: Int) -> String {
    let edges = thinned(points).compactMap { point -> (x: Double, low: Double, high: Double)? in
      guard let x = horizontal(point.x), let low = point.low.flatMap(vertical),
        let high = point.high.flatMap(vertical)
      else { return nil }
      return (x, low, high)
    }
    guard edges.count > 1 else { return "" }
    let there = edges.map { "\(number($0.x)) \(number($0.high))" }
    let back = edges.reversed().map { "\(number($0.x)) \(number($0.low))" }
    let path = "M" + (there + back).joined(separator: "L") + "Z"
    return "<path class=\"plot-band \(colour(index))\" d=\"\(path)\"/>"
  }

  /// Keeps each bucket's lowest and highest point of a long curve, so that spikes stay visible.
  private func thinned(_ points: [Plot.Point]) -> [Plot.Point] {
    let buckets = 400
    guard points.count > 4 * buckets else { return points }
    var kept: [Plot.Point] = []
    for bucket in 0..<buckets {
      let range = (bucket * points.count / buckets)..<((bucket + 1) * points.count / buckets)
      let finite = range.filter { points[$0].y.isFinite }
      guard let low = finite.min(by: { points[$0].y < points[$1].y }),
        let high = finite.max(by: { points[$0].y < points[$1].y })
      else {
        kept.append(points[range.lowerBound])
        continue
      }
      kept += low == high ? [points[low]] : [points[min(low, high)], points[max(low, high)]]
    }
    return kept
  }

  /// Exponential smoothing with the start-up bias divided out, as TensorBoard draws it.
  private func smoothed(_ points: [Plot.Point], _ factor: Double) -> [Plot.Point] {
    var (average, weight) = (0.0, 0.0)
    return points.map { point in
      guard point.y.isFinite else { return point }
      average = factor * average + (1 - factor) * point.y
      weight = factor * weight + (1 - factor)
      return Plot.Point(x: point.x, y: average / weight)
    }
  }

  // MARK: pieces

  private func horizontal(_ value: Double) -> Double? {
    xScale.position(value).map { left + $0 * innerWidth }
  }

  private func vertical(_ value: Double) -> Double? {
    yScale.position(value).map { top + (1 - $0) * innerHeight }
  }

  private func colour(_ index: Int) -> String { "plot-c\(index % plotColourCount)" }

  private func dash(_ index: Int) -> String {
    let patterns = ["", "7 3", "2 3", "9 3 2 3"]
    let pattern = patterns[index % patterns.count]
    return pattern.isEmpty ? "" : " stroke-dasharray=\"\(pattern)\""
  }

  private func marker(_ index: Int, x: Double, y: Double) -> String {
    let kind = "class=\"plot-marker \(colour(index))\""
    switch index % 4 {
    case 0: return "<circle \(kind) cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3.6\"/>"
    case 1:
      return "<rect \(kind) x=\"\(number(x - 3.2))\" y=\"\(number(y - 3.2))\" "
        + "width=\"6.4\" height=\"6.4\"/>"
    case 2: return "<path \(kind) d=\"M\(number(x)) \(number(y - 4.6))l4.6 4.6-4.6 4.6-4.6-4.6z\"/>"
    default: return "<path \(kind) d=\"M\(number(x)) \(number(y - 4.4))l4.2 7.4h-8.4z\"/>"
    }
  }

  private func text(_ string: String, x: Double, y: Double, anchor: String, kind: String) -> String {
    "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\" "
      + "text-anchor=\"\(anchor)\">\(escaped(string))</text>"
  }

  private func number(_ value: Double) -> String { fixed(value, 1) }
}
