import Documents
import Foundation
import Statistics
import Testing
import Tokenization

/// Files from strangers: errors that name the place, never a crash.
@Suite struct HostileFileTests {
  @Test func missingAndTruncatedFilesSayWhere() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = #expect(throws: TokenizationError.self) { try Tokenizer(contentsOf: folder) }
    #expect(missing?.description.contains(folder.lastPathComponent) == true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let empty = #expect(throws: TokenizationError.self) { try Tokenizer(contentsOf: folder) }
    #expect(empty?.description.contains("tokenizer.json") == true)
    let whole = try Data(contentsOf: Golden.folder("gpt2").appendingPathComponent("tokenizer.json"))
    let file = folder.appendingPathComponent("tokenizer.json")
    try whole.prefix(whole.count / 2).write(to: file)
    let cut = #expect(throws: TokenizationError.self) { try Tokenizer(contentsOf: folder) }
    #expect(cut?.description.contains("tokenizer.json: line 1, column") == true)
  }

  @Test func wrongShapesAreNamed() throws {
    let good = try Tokenizer(contentsOf: Golden.folder("gpt2")).document
    func changed(_ change: (inout JSONObject) -> Void) -> JSONValue {
      var object = good["model"]?.object ?? JSONObject()
      change(&object)
      var document = good.object ?? JSONObject()
      document["model"] = .object(object)
      return .object(document)
    }
    let cases: [(JSONValue, String)] = [
      ([], "model"), ([:], "model"),
      (changed { $0["vocab"] = nil }, "model.vocab"),
      (changed { $0["vocab"] = ["a": "b"] }, "model.vocab"),
      (changed { $0["vocab"] = ["a": 2_000_000_000] }, "2000000000"),
      (changed { $0["vocab"] = ["a": -1] }, "-1"),
      (changed { $0["merges"] = ["a"] }, "model.merges[0]"),
      (changed { $0["merges"] = [["zz", "qq"]] }, "model.merges[0]"),
      (changed { $0["dropout"] = 0.5 }, "dropout"),
      (changed { $0["type"] = "Telepathy" }, "Telepathy"),
    ]
    for (document, place) in cases {
      let error = #expect(throws: TokenizationError.self) { try Tokenizer(document: document) }
      #expect(error?.description.contains(place) == true, "\(place)")
    }
  }

  /// Seeded mutations of a good file: either a tokenizer that works or an error.
  @Test func mutatedFilesNeverCrash() throws {
    let url = try Golden.folder("llama3").appendingPathComponent("tokenizer.json")
    let whole = [UInt8](try Data(contentsOf: url))
    var generator = SeededGenerator(seed: 20_261_121)
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 9))
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
        default:
          bytes[place] = Array("0123456789{}[]\",:".utf8).randomElement(using: &generator) ?? 0
        }
      }
      do {
        let tokenizer = try Tokenizer(document: JSONValue(parsing: bytes))
        _ = tokenizer.decode(tokenizer.encode("Hello, world! 123 <|im_start|>", allowSpecial: true))
        outcomes.read += 1
      } catch  where error is TokenizationError || error is JSONSyntaxError {
        outcomes.refused += 1
      }
    }
    #expect(outcomes.refused > 0)
    #expect(outcomes.read + outcomes.refused == 300)
  }
}
