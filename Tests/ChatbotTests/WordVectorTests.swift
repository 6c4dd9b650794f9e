import Chatbot
import Documents
import Foundation
import TestSupport
import Testing

/// Vectors of words by GloVe.
@Suite struct WordVectorTests {
  @Test func wordsInOnePlaceAreAlike() throws {
    let pairs = try Personality.grizzle.pairs(3000, seed: 1)
    let texts = pairs.flatMap { [$0.question, $0.answer] }
    let vectors = WordVectors(learning: texts, width: 50, passes: 15, seed: 1)
    #expect(vectors.width == 50 && vectors["cats"]?.count == 50 && vectors["nowhere"] == nil)
    // What stands in one slot is more alike than what stands in different ones.
    let slots = [
      ["cats", "horses", "birds", "spiders", "goats", "pigeons"], ["paris", "london", "rome", "spain", "egypt"],
      ["pilot", "chef", "plumber", "dentist", "teacher"],
    ].map { words in words.filter { vectors[$0] != nil } }
    #expect(slots.allSatisfy { $0.count >= 3 }, "\(slots)")
    var (inside, across): ([Double], [Double]) = ([], [])
    for (i, slot) in slots.enumerated() {
      for word in slot {
        for (j, other) in slots.enumerated() {
          for second in other where second > word {
            let found = vectors.likeness(word, second)
            let likeness = try #require(found, "\(word) \(second)")
            if i == j { inside.append(likeness) } else { across.append(likeness) }
          }
        }
      }
    }
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    #expect(mean(inside) > mean(across) + 0.04, "\(mean(inside)) \(mean(across))")
    // The same seed gives the same vectors, in whichever order a dictionary is walked.
    #expect(WordVectors(learning: texts, width: 50, passes: 15, seed: 1)["cats"] == vectors["cats"])
  }

  @Test func gloveFilesAreRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("vectors.txt", "the 1 0 -0.5\ncat 2e-1 0.25 3\n\n")
    let vectors = try WordVectors(path: path)
    #expect(vectors.width == 3 && vectors["cat"] == [0.2, 0.25, 3])
    for bad in ["the 1 2\ncat 1\n", "the 1 two 3\n", "the\n", "", "the 1 nan\n"] {
      try folder.write("bad.txt", bad)
      let error = #expect(throws: DataError.self) { _ = try WordVectors(path: folder.path("bad.txt")) }
      #expect(error?.path == folder.path("bad.txt"))
    }
  }
}
