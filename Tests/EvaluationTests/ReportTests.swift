import Evaluation
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Collects what an XML reader sees, and whether it accepted the document at all.
private final class Reader: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var text = ""

  static func read(_ xml: String) throws -> Reader {
    let reader = Reader()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "not well-formed: \(String(describing: parser.parserError))")
    return reader
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func count(_ name: String, kind: String) -> Int {
    elements.count { $0.name == name && ($0.attributes["class"] ?? "").contains(kind) }
  }
}

@Suite struct PlotTests {
  @Test func drawsWhatItIsGiven() throws {
    var plot = Plot(title: "Loss <&> \"more\"", x: "step", y: "nats")
    plot.add("train", y: [4, 3, 2.5, 2.2])
    plot.add(
      "held out", points: [.init(x: 1, y: 4.1, low: 4, high: 4.2), .init(x: 4, y: 2.4)],
      style: .points)
    plot.addReference(y: 3, label: "chance")
    let svg = try Reader.read(plot.svg())
    #expect(svg.count("path", kind: "plot-line plot-c0") == 2)  // the curve and its legend
    #expect(svg.count("rect", kind: "plot-marker plot-c1") == 3)  // two points and the legend
    #expect(svg.count("path", kind: "plot-bar") == 1)
    #expect(svg.count("path", kind: "plot-reference") == 1)
    #expect(svg.text.contains("Loss <&> \"more\"") && svg.text.contains("chance"))
    #expect(svg.text.contains("prefers-color-scheme:dark"))
  }

  @Test func pointsStandWhereTheirValuesAre() throws {
    var plot = Plot(title: "", x: Axis("x", range: 0...10), y: Axis("y", range: 0...1))
    plot.add(
      "a", points: [.init(x: 0, y: 0), .init(x: 5, y: 0.5), .init(x: 10, y: 1)], style: .points)
    let svg = try Reader.read(plot.svg())
    let circles = svg.elements.filter { $0.name == "circle" }
    func place(_ index: Int, _ key: String) throws -> Double {
      try #require(circles[index].attributes[key].flatMap(Double.init))
    }
    try #require(circles.count == 3)
    let (x0, x1, x2) = (try place(0, "cx"), try place(1, "cx"), try place(2, "cx"))
    let (y0, y1, y2) = (try place(0, "cy"), try place(1, "cy"), try place(2, "cy"))
    #expect(((x0 + x2) / 2 - x1).magnitude < 0.11 && x0 < x2)
    #expect(((y0 + y2) / 2 - y1).magnitude < 0.11 && y0 > y2)
  }

  private typealias Axis = Plot.Axis

  @Test func missingValuesInterruptTheLine() throws {
    var plot = Plot(title: "gaps", x: "x", y: Axis("y", isLogarithmic: true))
    plot.add("a", y: [1, 10, .nan, 100, 0, 1000, 2000])
    let line = try #require(
      try Reader.read(plot.svg()).elements.first {
        ($0.attributes["class"] ?? "").contains("plot-line")
      }?.attributes["d"])
    #expect(line.filter { $0 == "M" }.count == 3)
    #expect(!line.contains("nan") && !line.contains("inf"))
  }

  @Test(
    arguments: [
      [], [5], [0, 0, 0], [1e-30, 2e-30], [-1e12, 1e12], [.nan], [.infinity, 1, 2],
      [1e15, 1e15 + 1],
    ] as [[Double]])
  func anyValuesGiveAWellFormedPicture(values: [Double]) throws {
    for isLogarithmic in [false, true] {
      var plot = Plot(title: "t", x: "x", y: Axis("y", isLogarithmic: isLogarithmic))
      plot.add("a", y: values, style: .linePoints, smoothing: 0.9)
      let svg = plot.svg()
      #expect(try Reader.read(svg).count("svg", kind: "plot") == 1)
      #expect(!svg.lowercased().contains("\"nan") && !svg.contains("∞\""))
    }
  }

  @Test func longCurvesKeepTheirSpikes() throws {
    var values = [Double](repeating: 0.5, count: 50_000)
    values[31_415] = 9
    var plot = Plot(title: "t", x: "x", y: Axis("y", range: 0...10))
    plot.add("a", y: values)
    let short = plot.svg()
    #expect(short.utf8.count < 40_000)
    values[31_415] = 0.5
    plot.series = []
    plot.add("a", y: values)
    #expect(plot.svg() != short)
  }

  @Test func ticksAreRoundNumbers() throws {
    var plot = Plot(title: "t", x: "x", y: "y")
    plot.add("a", x: [0, 100], y: [0, 1])
    let text = try Reader.read(plot.svg()).text
    for tick in ["0", "20", "40", "60", "80", "100", "0.25", "0.50", "0.75"] {
      #expect(text.contains(tick), "no tick \(tick)")
    }
  }

  @Test func panelsShareADocument() throws {
    let plots = (0..<3).map { index -> Plot in
      var plot = Plot(title: "panel \(index)", x: "x", y: "y")
      plot.add("a", y: [1, 2])
      return plot
    }
    let svg = try Reader.read(Plot.svg(plots, columns: 2))
    #expect(svg.elements.first?.attributes["viewBox"] == "0 0 920 600")
    #expect(svg.text.contains("panel 0") && svg.text.contains("panel 2"))
  }

  @Test func frontierIsOrderedByDistance() {
    let flat = Estimate(value: 1, low: 0, high: 2, n: 3)
    let plot = Plot.frontier([(4, flat, flat), (0, flat, flat), (1, flat, flat)])
    #expect(plot.series.map(\.name) == ["reward model", "gold judge"])
    #expect(plot.series[0].points.map(\.x) == [0, 1, 2])
    #expect(plot.series[1].points[0].high == 2)
  }

  @Test func reliabilityShowsEachBin() {
    let calibration = Calibration(pairwise: [0.9, 0.6, 0.7], outcomes: [1, 0, 1])
    let plot = Plot.reliability(calibration)
    #expect(plot.series[0].points.count == calibration.bins.count)
    #expect(plot.x.range == 0.5...1)
  }
}

@Suite struct ReportTests {
  private func page() -> Report {
    var report = Report(title: "A <b>report</b>", subtitle: "one & all")
    report.heading("Part \"one\"")
    report.paragraph("1 < 2 && 3 > 2")
    report.note("The labeller is simulated.", kind: .caution)
    report.keyFacts([("win rate", "65.0% [60.1, 69.6]"), ("time", "6 min")])
    report.table(
      header: ["system", "win rate", "length"],
      rows: [
        [
          "PPO", .estimate(.wilson(successes: 65, n: 100), isPercentage: true),
          .number(31.25, decimals: 1),
        ],
        ["<script>", .estimate(Estimate(value: .nan, low: 0, high: 1, n: 0), isPercentage: true)],
      ])
    var plot = Plot(title: "loss", x: "step", y: "nats")
    plot.add("a", y: [3, 2, 1])
    report.figure([plot, plot], caption: "curves")
    report.figure(
      IntervalPlot(title: "i", rows: [("a", .wilson(successes: 3, n: 9))], reference: 0.5))
    report.samples(
      prompt: "<img src=x onerror=alert(1)>",
      [("SFT", "</div><script>alert(1)</script>\u{0}\u{1B}[31m", nil), ("PPO", "", "0.8")])
    report.code("apprentice quickstart --scale 1 && echo 'ok'")
    return report
  }

  @Test("a row's name that is longer than the plot takes further lines, below which its figures stand")
  func longNames() throws {
    let name = "vote weighted by the verifier (adapters) over the majority of sixteen solutions"
    let estimate = Estimate.wilson(successes: 3, n: 9)
    let plot = IntervalPlot(title: "t", rows: [(name, estimate), ("short", estimate)], isPercentage: true)
    let rows = plot.svg(width: 460).matches(of: /class="plot-row"[^>]* y="([0-9.]+)"[^>]*>([^<]*)</)
    #expect(rows.map { String($0.output.2) }.dropLast().joined(separator: " ") == name)
    #expect(rows.count == 3 && rows.allSatisfy { $0.output.2.count <= 54 })
    let heights = rows.compactMap { Double($0.output.1) }
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 < $1 })
    #expect(plot.svg(width: 900).matches(of: /class="plot-row"/).count == 2)
  }

  /// Differences of shares may be negative, and a ratio of costs lie above 100%: neither is cut at an end of the axis.
  @Test(arguments: [(-0.2, -0.35, -0.05), (0.02, -0.1, 0.14), (1.4, 1.1, 1.7)])
  func intervalsOfPercentagesLieOnTheAxis(value: Double, low: Double, high: Double) throws {
    let estimate = Estimate(value: value, low: low, high: high, n: 9)
    let plot = IntervalPlot(title: "d", rows: [("a", estimate)], isPercentage: true)
    let svg = plot.svg(width: 460)
    let interval = try #require(svg.firstMatch(of: /plot-interval plot-c0" d="M([-\d.]+) [\d.]+H([-\d.]+)"/))
    let dot = try #require(svg.firstMatch(of: /cx="([-\d.]+)"/))
    let places = [Double(interval.1), Double(dot.1), Double(interval.2)].compactMap(\.self)
    #expect(places.count == 3 && places == places.sorted() && places[0] >= 14 && places[2] <= 442, "\(places)")
    #expect(Set(places).count == 3)
  }

  @Test func everythingFromOutsideIsEscaped() {
    let html = page().html()
    #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>report"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;\u{FFFD}\u{FFFD}[31m"))
    #expect(html.contains("<title>A &lt;b&gt;report&lt;/b&gt;</title>"))
    #expect(html.contains("1 &lt; 2 &amp;&amp; 3 &gt; 2"))
  }

  @Test func nothingIsLoadedFromElsewhere() {
    let html = page().html()
    #expect(html.contains("default-src 'none'"))
    for loader in ["http://", "https://", "url(http", "src=\"", "@import", "<link"] {
      #expect(!html.contains(loader), "the page has \(loader)")
    }
  }

  @Test func theBodyIsWellFormed() throws {
    let html = page().html()
    let start = try #require(html.range(of: "<main>"))
    let end = try #require(html.range(of: "</main>"))
    let body = try Reader.read(String(html[start.lowerBound..<end.upperBound]))
    #expect(body.elements.count { $0.name == "tr" } == 3)
    #expect(body.elements.count { $0.name == "svg" } == 4)  // two plots, intervals, one in a cell
    #expect(body.elements.count { $0.name == "article" } == 2)
    #expect(body.text.contains("65.0%") && body.text.contains("31.2"))
    #expect(body.text.contains("(nothing)"))
  }

  @Test func writesAFile() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "report-\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: file) }
    try page().write(to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == page().html())
  }
}
