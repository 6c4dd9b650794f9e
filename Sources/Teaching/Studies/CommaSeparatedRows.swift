internal import Foundation

/// The rows of a small CSV file (RFC 4180), read whole; this room reads two published tables with
/// it and stays free of the data pipeline, which needs libtorch's floor.
struct CommaSeparatedRows {
  let path: String
  let header: [String]
  /// The rows after the header, each with the line it begins on.
  let body: [(line: Int, fields: [String])]

  init(contentsOf url: URL) throws {
    path = url.path
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw TeachingDataError.unreadable(url.path, error)
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw TeachingDataError(description: "\(url.path): not UTF-8 text")
    }
    var rows = try Self.rows(of: text, path: url.path)
    guard !rows.isEmpty else { throw TeachingDataError(description: "\(url.path): empty") }
    header = rows.removeFirst().fields
    for (line, fields) in rows where fields.count != header.count {
      throw TeachingDataError(
        description:
          "\(url.path):\(line): \(fields.count) fields where the header has \(header.count)")
    }
    body = rows
  }

  func columns(_ names: [String]) throws -> [Int] {
    try names.map { name in
      guard let index = header.firstIndex(of: name) else {
        throw TeachingDataError(
          description: "\(path): no column \"\(name)\"; it has \(header.joined(separator: ", "))")
      }
      return index
    }
  }

  func error(_ line: Int, _ reason: String) -> TeachingDataError {
    TeachingDataError(description: "\(path):\(line): \(reason)")
  }

  private static func rows(
    of text: String, path: String
  ) throws -> [(line: Int, fields: [String])] {
    var rows: [(line: Int, fields: [String])] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var start = 1
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    func endRow() {
      fields.append(field)
      if fields != [""] { rows.append((start, fields)) }
      fields = []
      field = ""
      start = line
    }
    while let scalar = pending {
      pending = scalars.next()
      if scalar == "\n" { line += 1 }
      if isQuoted {
        if scalar == "\"", pending == "\"" {
          field.append("\"")
          pending = scalars.next()
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"", field.isEmpty {
        isQuoted = true
      } else if scalar == "," {
        fields.append(field)
        field = ""
      } else if scalar == "\n" {
        endRow()
      } else if !(scalar == "\r" && pending == "\n") {
        field.unicodeScalars.append(scalar)
      }
    }
    guard !isQuoted else {
      throw TeachingDataError(description: "\(path):\(start): a quote is opened and never closed")
    }
    if !field.isEmpty || !fields.isEmpty { endRow() }
    return rows
  }
}
