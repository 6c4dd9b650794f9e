import Console
import Documents

extension DataSurvey {
  /// The survey as people read it.
  func text(of reader: RecordReader) -> String {
    var lines = [
      "files    \(reader.files.count == 1 ? reader.files[0] : "\(reader.files.count)")",
      "records  \(recordCount)",
      "shape    \(shapeSummary)",
    ]
    if reader.badLineCount > 0 {
      lines.append("bad      \(reader.badLineCount) lines")
      lines += reader.badLines.map { "  \($0)" }
    }
    var table = Table([
      ("field", .left), ("records", .right), ("kind", .left), ("min", .right),
      ("median", .right), ("mean", .right), ("max", .right),
    ])
    for name in names {
      let column = columns[name] ?? Column()
      let kinds = column.kinds.keys.sorted().joined(separator: " or ")
      let lengths = Lengths(column.lengths)?.cells ?? ["", "", "", ""]
      table.add([name, "\(column.count)", kinds] + lengths)
      guard let turns = Lengths(column.turns) else { continue }
      table.add(["  messages", "\(column.turns.count)", "how many"] + turns.cells)
      for role in column.said.keys.sorted() {
        let said = column.said[role] ?? []
        table.add(["  \(role)", "\(said.count)", "a message"] + (Lengths(said)?.cells ?? []))
      }
    }
    lines += ["", table.text, "(lengths in characters)"]
    for record in examples {
      lines += ["", "\(record.origin)"]
      for (name, value) in record.fields.members {
        lines.append("  \(name): \(Self.excerpt(value))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func excerpt(_ value: JSONValue) -> String {
    let text = value.serialized()
    return text.count > 200 ? text.prefix(200) + "…" : text
  }
}
