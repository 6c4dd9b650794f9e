/// A curve in one line of text, such as `▇▆▄▃▂▁`, for terminals.
///
/// Longer series are averaged into `width` columns; values that are not finite leave a gap.
public func sparkline(_ values: [Double], width: Int = 40) -> String {
  guard !values.isEmpty, width > 0 else { return "" }
  let columns = min(width, values.count)
  let means: [Double] = (0..<columns).map { column in
    let start = column * values.count / columns
    let part = values[start..<max(start + 1, (column + 1) * values.count / columns)]
      .filter(\.isFinite)
    return part.isEmpty ? .nan : part.reduce(0, +) / Double(part.count)
  }
  let finite = means.filter(\.isFinite)
  guard let low = finite.min(), let high = finite.max() else {
    return String(repeating: " ", count: columns)
  }
  let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  return String(
    means.map { mean -> Character in
      guard mean.isFinite else { return " " }
      guard high > low else { return "▄" }
      return blocks[min(7, Int((mean - low) / (high - low) * 8))]
    })
}
