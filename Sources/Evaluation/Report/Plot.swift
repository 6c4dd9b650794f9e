import Foundation

/// A chart of lines or points as SVG: axes, ticks, legend, error bands; no script, no dependency.
///
/// ```swift
/// var plot = Plot(title: "Reward against KL", x: "KL (nats)", y: "gold score")
/// plot.add("gold", points: curve.map { Plot.Point(x: $0.kl, estimate: $0.gold) })
/// try Data(plot.svg().utf8).write(to: URL(fileURLWithPath: "frontier.svg"))
/// ```
///
/// Points that are not finite (or not positive on a logarithmic axis) interrupt the line. Colours
/// follow the reader's light or dark setting; series differ in marker and dash as well as colour.
public struct Plot: Sendable, Codable, Equatable {
  /// One observation, with its interval where it has one.
  public struct Point: Sendable, Codable, Equatable {
    /// The place on the horizontal axis.
    public var x: Double
    /// The place on the vertical axis.
    public var y: Double
    /// The lower end of the interval.
    public var low: Double?
    /// The upper end of the interval.
    public var high: Double?

    /// Makes a point.
    public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      self.x = x
      self.y = y
      self.low = low
      self.high = high
    }

    /// Makes a point from an estimate.
    public init(x: Double, estimate: Estimate) {
      self.init(x: x, y: estimate.value, low: estimate.low, high: estimate.high)
    }
  }

  /// A way to draw a series.
  public enum Style: String, Sendable, Codable, CaseIterable {
    /// A line; intervals are a band around it.
    case line
    /// Markers; intervals are bars.
    case points
    /// A line with markers; intervals are bars.
    case linePoints
  }

  /// A named sequence of points.
  public struct Series: Sendable, Codable, Equatable {
    /// The name in the legend.
    public var name: String
    /// The observations, in drawing order.
    public var points: [Point]
    /// The way to draw the series.
    public var style: Style
    /// Exponential smoothing from 0 (none) to below 1; the raw line stays, faint.
    public var smoothing: Double
  }

  /// An axis: the quantity measured along it, and its scale.
  public struct Axis: Sendable, Codable, Equatable, ExpressibleByStringLiteral {
    /// The quantity, with its unit.
    public var label: String
    /// Whether equal ratios are equally far apart.
    public var isLogarithmic: Bool
    /// The shown range, where it should not follow the data.
    public var range: ClosedRange<Double>?

    /// Makes an axis.
    public init(_ label: String, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil) {
      self.label = label
      self.isLogarithmic = isLogarithmic
      self.range = range
    }

    /// Makes a linear axis.
    public init(stringLiteral label: String) {
      self.init(label)
    }
  }

  /// A dashed line across the plot, such as chance level.
  public struct ReferenceLine: Sendable, Codable, Equatable {
    /// The value on the vertical axis.
    public var y: Double
    /// The label beside the line.
    public var label: String
  }

  /// The title above the plot.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The series, in the order of their colours.
  public var series: [Series] = []
  /// Lines across the plot.
  public var references: [ReferenceLine] = []

  /// Makes an empty plot.
  public init(title: String, x: Axis, y: Axis) {
    self.title = title
    self.x = x
    self.y = y
  }

  /// Adds a series of points.
  public mutating func add(
    _ name: String, points: [Point], style: Style = .line, smoothing: Double = 0
  ) {
    series.append(
      Series(name: name, points: points, style: style, smoothing: min(max(smoothing, 0), 0.999)))
  }

  /// Adds a curve; without `x`, values are numbered from 1.
  public mutating func add(
    _ name: String, x: [Double]? = nil, y: [Double], style: Style = .line, smoothing: Double = 0
  ) {
    let points = y.enumerated().compactMap { index, value -> Point? in
      guard let x else { return Point(x: Double(index + 1), y: value) }
      return index < x.count ? Point(x: x[index], y: value) : nil
    }
    add(name, points: points, style: style, smoothing: smoothing)
  }

  /// Adds a dashed line across the plot.
  public mutating func addReference(y: Double, label: String) {
    references.append(ReferenceLine(y: y, label: label))
  }

  /// The plot as a document that stands alone.
  public func svg(width: Double = 460, height: Double = 300) -> String {
    PlotDrawing(plot: self, width: width, height: height).document(standalone: true)
  }

  /// Several plots in one document, `columns` side by side.
  public static func svg(
    _ plots: [Plot], columns: Int = 2, width: Double = 460, height: Double = 300
  ) -> String {
    precondition(columns > 0)
    let rows = (plots.count + columns - 1) / columns
    let across = min(columns, max(plots.count, 1))
    var body = ""
    for (index, plot) in plots.enumerated() {
      let (x, y) = (Double(index % columns) * width, Double(index / columns) * height)
      body += "<g transform=\"translate(\(fixed(x, 1)) \(fixed(y, 1)))\">"
      body += PlotDrawing(plot: plot, width: width, height: height).body() + "</g>\n"
    }
    return svgDocument(
      width: Double(across) * width, height: Double(rows) * height,
      label: plots.map(\.title).joined(separator: "; "), body: body, standalone: true)
  }

  /// The over-optimisation curve: proxy and gold score against the divergence from the start.
  ///
  /// Distances are √KL, in which both best-of-n and reinforcement learning rise about linearly at
  /// first (Gao 2023).
  public static func frontier(
    title: String = "Reward against KL",
    _ points: [(divergence: Double, proxy: Estimate, gold: Estimate)]
  ) -> Plot {
    var plot = Plot(title: title, x: "√KL from the start (√nats)", y: "score")
    let sorted = points.sorted { $0.divergence < $1.divergence }
    let distance: (Double) -> Double = { max(0, $0).squareRoot() }
    plot.add(
      "reward model",
      points: sorted.map { Point(x: distance($0.divergence), estimate: $0.proxy) },
      style: .linePoints)
    plot.add(
      "gold judge", points: sorted.map { Point(x: distance($0.divergence), estimate: $0.gold) },
      style: .linePoints)
    return plot
  }

  /// A reliability diagram: predicted probability against observed frequency.
  public static func reliability(title: String = "Calibration", _ calibration: Calibration) -> Plot {
    let lowest = calibration.bins.first.map { $0.lower >= 0.5 ? 0.5 : 0 } ?? 0
    var plot = Plot(
      title: title, x: Axis("predicted probability", range: lowest...1),
      y: Axis("observed frequency", range: 0...1))
    plot.add(
      "measured",
      points: calibration.bins.map { Point(x: $0.prediction, estimate: $0.frequency) },
      style: .linePoints)
    plot.add("ideal", x: [lowest, 1], y: [lowest, 1])
    return plot
  }
}
