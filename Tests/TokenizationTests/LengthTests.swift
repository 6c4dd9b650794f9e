import Documents
import Foundation
import Testing
import Tokenization

/// Truncation and padding equal the `tokenizers` library's.
@Suite struct LengthTests {
  @Test func truncationEqual() throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder("bert"))
    let cases = try Golden.json("lengths.json")["truncation"]?.array ?? []
    #expect(cases.count > 20)
    for row in cases {
      let strategy: Truncation.Strategy =
        row["strategy"]?.string == "only_first" ? .onlyFirst : .longestFirst
      let truncation = Truncation(
        maximumLength: row["limit"]?.int ?? 0, stride: row["stride"]?.int ?? 0, strategy: strategy,
        fromLeft: row["direction"]?.string == "left")
      let encoding = try tokenizer.encoding(
        of: row["text"]?.string ?? "", pair: row["pair"]?.string, truncation: .some(truncation))
      #expect(encoding.ids == ints(row["ids"]), "\(row)")
      #expect(encoding.typeIDs == ints(row["type_ids"]), "\(row)")
      #expect(encoding.specialTokensMask == ints(row["mask"]), "\(row)")
      if let overflowing = row["overflowing"]?.array {
        #expect(encoding.overflowing.map(\.ids) == overflowing.map(ints), "\(row)")
      }
    }
  }

  @Test func paddingEqual() throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder("bert"))
    let golden = try Golden.json("lengths.json")
    let texts = (golden["texts"]?.array ?? []).compactMap(\.string)
    let batches = golden["padding"]?.array ?? []
    #expect(batches.count == 8)
    for batch in batches {
      let padding = Padding(
        length: batch["length"]?.int, multiple: batch["multiple"]?.int,
        onLeft: batch["direction"]?.string == "left", id: 0, typeID: 2, token: "[PAD]")
      let encodings = try tokenizer.encodings(of: texts, padding: .some(padding))
      let rows = batch["rows"]?.array ?? []
      #expect(rows.count == encodings.count)
      for (encoding, row) in zip(encodings, rows) {
        #expect(encoding.ids == ints(row["ids"]))
        #expect(encoding.attentionMask == ints(row["mask"]))
        #expect(encoding.typeIDs == ints(row["type_ids"]))
        #expect(encoding.specialTokensMask == ints(row["special"]))
      }
    }
  }

  @Test func impossibleTruncationThrows() throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder("bert"))
    for truncation in [
      Truncation(maximumLength: 1), Truncation(maximumLength: 4, stride: 2),
      Truncation(maximumLength: 3, strategy: .onlySecond),
    ] {
      #expect(throws: TokenizationError.self) {
        try tokenizer.encoding(of: "the people could make time", truncation: .some(truncation))
      }
    }
  }

  private func ints(_ value: JSONValue?) -> [Int] {
    (value?.array ?? []).compactMap(\.int)
  }
}
