import Documents
import Foundation
import TestSupport

/// The files that `make_fixtures.py` made with the `tokenizers` library.
enum Golden {
  struct Row {
    var text: String
    var plain: [Int]
    var ids: [Int]
    var offsets: [Range<Int>]
    var tokens: [String]
    var decoded: String
    var decodedSkipping: String
  }

  static func folder(_ name: String) throws -> URL {
    try Bundle.module.fixtures.appendingPathComponent(name)
  }

  static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: [UInt8](Data(contentsOf: folder(name))))
  }

  static func strings(_ name: String) throws -> [String] {
    (try json(name).array ?? []).compactMap(\.string)
  }

  static func rows(_ name: String) throws -> [Row] {
    let texts = try strings("fuzz.json")
    let rows = try json(name + "/golden.json").array ?? []
    guard rows.count == texts.count, !rows.isEmpty else { throw Missing(name: name) }
    return try zip(texts, rows).map { text, row in
      func ints(_ value: JSONValue?) -> [Int] { (value?.array ?? []).compactMap(\.int) }
      guard let decoded = row["decoded"]?.string else { throw Missing(name: name) }
      let bounds = ints(row["offsets"])
      let ids = ints(row["ids"])
      return Row(
        text: text, plain: row["plain"].map(ints) ?? ids, ids: ids,
        offsets: stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] },
        tokens: (row["tokens"]?.array ?? []).compactMap(\.string), decoded: decoded,
        decodedSkipping: row["decoded_skipping"]?.string ?? decoded)
    }
  }

  struct Missing: Error {
    var name: String
  }
}

/// Equality of strings byte for byte; Swift's own takes composed and decomposed accents as equal.
func same(_ a: String, _ b: String) -> Bool {
  a.utf8.elementsEqual(b.utf8)
}
