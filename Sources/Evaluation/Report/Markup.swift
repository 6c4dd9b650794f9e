import Statistics

/// Text as it may stand in HTML or SVG, in an element or between quotes.
///
/// Characters that XML forbids become U+FFFD, so that a model's stray control bytes cannot break a
/// page.
func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The number of colours before they repeat.
let plotColourCount = 8

/// Wraps drawn elements into an SVG element; one that stands alone brings its style.
func svgDocument(
  width: Double, height: Double, label: String, body: String, standalone: Bool
) -> String {
  let size = "viewBox=\"0 0 \(fixed(width, 0)) \(fixed(height, 0))\""
  let name = "role=\"img\" aria-label=\"\(escaped(label))\""
  guard standalone else { return "<svg class=\"plot\" \(size) \(name)>\n\(body)</svg>\n" }
  return """
    <svg xmlns="http://www.w3.org/2000/svg" class="plot" width="\(fixed(width, 0))" \
    height="\(fixed(height, 0))" \(size) \(name)>
    <style>\(standaloneColours)\(plotStyle)</style>
    <rect class="plot-paper" width="100%" height="100%"/>
    \(body)</svg>

    """
}

/// The colours' values, light and dark; reports define the same names for the whole page.
let colourVariables = (
  light: """
  --paper:#ffffff;--ground:#f6f7f9;--ink:#1a2230;--soft:#5b6678;--faint:#e3e7ee;--axis:#9aa5b5;\
  --c0:#2563eb;--c1:#d9480f;--c2:#0f8f83;--c3:#8b3fd9;--c4:#b7791f;--c5:#c2277a;--c6:#4d7c0f;\
  --c7:#546274;
  """,
  dark: """
  --paper:#171c26;--ground:#0f131a;--ink:#e7ebf2;--soft:#9eaabc;--faint:#2a3240;--axis:#66738a;\
  --c0:#6ea8fe;--c1:#ff9d5c;--c2:#3fd0bf;--c3:#c59bff;--c4:#f2c14e;--c5:#ff86bf;--c6:#a7d95a;\
  --c7:#a5b1c2;
  """
)

private let standaloneColours =
  "svg.plot{\(colourVariables.light)}"
  + "@media (prefers-color-scheme:dark){svg.plot{\(colourVariables.dark)}}"

/// The rules that give plots their look; every colour is a variable.
let plotStyle: String = {
  var rules = """
    .plot text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
    fill:var(--soft)}
    .plot .plot-paper{fill:var(--paper)}
    .plot .plot-title{font-weight:600;font-size:14px;fill:var(--ink)}
    .plot .plot-row{font-weight:600;font-size:13px;fill:var(--ink)}
    .plot .plot-legend{fill:var(--ink)}
    .plot .plot-tick{font-variant-numeric:tabular-nums}
    .plot .plot-note{font-size:11px}
    .plot .plot-grid{stroke:var(--faint);stroke-width:1;fill:none}
    .plot .plot-axis{stroke:var(--axis);stroke-width:1;fill:none}
    .plot .plot-track{stroke:var(--faint);stroke-width:2;fill:none}
    .plot .plot-reference{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4;fill:none}
    .plot .plot-goal{stroke:var(--c2);stroke-width:2.5;fill:none}
    .plot .plot-published{fill:var(--c1);stroke:var(--paper);stroke-width:1.2}
    .plot .plot-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .plot .plot-faint{stroke-width:1;opacity:.35}
    .plot .plot-band{stroke:none;opacity:.16}
    .plot .plot-bar{fill:none;stroke-width:1.4;opacity:.75}
    .plot .plot-interval{stroke-width:5;stroke-linecap:round;opacity:.45;fill:none}
    .plot .plot-marker,.plot .plot-dot{stroke:var(--paper);stroke-width:1.2}

    """
  for index in 0..<plotColourCount {
    let colour = "var(--c\(index))"
    rules += ".plot .plot-c\(index){stroke:\(colour)}"
    rules += ".plot .plot-marker.plot-c\(index),.plot .plot-dot.plot-c\(index),"
    rules += ".plot .plot-band.plot-c\(index){fill:\(colour);stroke:var(--paper)}\n"
  }
  return rules
}()
