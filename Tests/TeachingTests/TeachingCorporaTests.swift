import Foundation
import Teaching
import Testing

/// The corpora of human teachers and their clusters.
@Suite struct TeachingCorporaTests {
  func write(_ text: String) throws -> URL {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("corpora-\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: url)
    return url
  }

  static let header =
    "assignment.id,worker.id,trial.num,rule.id,rule.desc,example.num,polarity,string,time\n"

  @Test func readsQuotesCommasLineBreaksAndOrder() throws {
    let url = try write(
      Self.header + """
        1,7,1,3a,"says ""aaa"", or so",2,negative,"a,b",5\r
        1,7,1,3a,x,1,positive,aaa,4
        2,8,1,zip-code,x,1,positive,"12
        3",5

        """)
    defer { try? FileManager.default.removeItem(at: url) }
    let corpora = try TeachingCorpora(contentsOf: url).corpora
    #expect(corpora.count == 2)
    #expect(corpora[0].examples.map(\.string) == ["aaa", "a,b"])
    #expect(corpora[0].positives == ["aaa"] && corpora[0].negatives == ["a,b"])
    #expect(corpora[1].rule == "zip-code" && corpora[1].positives == ["12\n3"])
  }

  @Test(arguments: [
    ("", "empty"), ("a,b\n1,2\n", "no field 'worker.id'"),
    (header + "1,2,1,3a,x,one,positive,a,1\n", ":2: example.num \"one\""),
    (header + "1,2,1,3a,x,1,maybe,a,1\n", ":2: polarity \"maybe\""),
    (header + "1,2,1,3a,x,1,positive\n", ":2: fields in this row: 7, in the header: 9"),
    (header + "1,2,1,3a,\"x,1,positive,a,1\n", "never closed"),
  ])
  func badFilesSayWhatAndWhere(_ text: String, _ part: String) throws {
    let url = try write(text)
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      _ = try TeachingCorpora(contentsOf: url)
      Issue.record("no error for \(text)")
    } catch {
      #expect("\(error)".contains(part) && "\(error)".contains(url.path), "\(error)")
    }
  }

  func levenshtein(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    let rest = levenshtein(Array(a.dropFirst()), Array(b.dropFirst())) + (a[0] == b[0] ? 0 : 1)
    return min(
      rest, levenshtein(Array(a.dropFirst()), b) + 1, levenshtein(a, Array(b.dropFirst())) + 1)
  }

  @Test func clustersAreTheConnectedComponents() {
    // The examples in the published analysis' own comments.
    #expect(ExampleClusters(["aa", "bb", "bbbb", "bbbbbb"]).count == 1)
    #expect(ExampleClusters(["aa", "ab", "xxx", "xxyy"]).labels == [0, 0, 1, 1])
    #expect(ExampleClusters([String]()).count == 0)
    var random = SystemlessGenerator(state: 3)
    for _ in 0..<60 {
      let strings = (0..<6).map { _ in
        String(
          (0..<Int.random(in: 0...5, using: &random)).map { _ in
            "abc".randomElement(using: &random) ?? "a"
          })
      }
      // By brute force: relax labels until linked strings agree.
      var labels = Array(strings.indices)
      for _ in strings {
        for (a, b) in strings.indices.flatMap({ a in strings.indices.map { (a, $0) } })
        where levenshtein(Array(strings[a]), Array(strings[b])) <= 2 {
          labels[a] = min(labels[a], labels[b])
          labels[b] = labels[a]
        }
      }
      let clusters = ExampleClusters(strings)
      #expect(clusters.count == Set(labels).count, "\(strings)")
      for a in strings.indices {
        for b in strings.indices {
          #expect((clusters.labels[a] == clusters.labels[b]) == (labels[a] == labels[b]))
        }
      }
    }
  }

  @Test func editDistancesWithinALimit() {
    var random = SystemlessGenerator(state: 5)
    for _ in 0..<300 {
      let words = (0..<2).map { _ in
        (0..<Int.random(in: 0...6, using: &random)).map { _ in
          UInt32.random(in: 97...98, using: &random)
        }
      }
      let truth = levenshtein(
        words[0].compactMap { Unicode.Scalar($0).map(Character.init) },
        words[1].compactMap { Unicode.Scalar($0).map(Character.init) })
      #expect(StringEdit.distance(words[0], words[1], limit: 2) == (truth <= 2 ? truth : nil))
    }
  }

  static let path = ProcessInfo.processInfo.environment["APPRENTICE_DATA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("regex-teaching/teaching-examples.csv")
  }

  /// Needs the published data: set APPRENTICE_DATA to the folder that holds `regex-teaching/`.
  @Test(
    .enabled(
      if: path != nil,
      "set APPRENTICE_DATA to the folder with regex-teaching/teaching-examples.csv to run this"))
  func thePublishedAnalysisComesOutAsPublished() throws {
    let corpora = try TeachingCorpora(contentsOf: try #require(Self.path))
    #expect(corpora.corpora.reduce(0) { $0 + $1.examples.count } == 1767)
    #expect(Set(corpora.corpora.map(\.teacher)).count == 98)
    #expect(Set(corpora.corpora.map(\.rule)) == Set(StringConcept.publishedRules.map(\.name)))
    let analysis = corpora.clusterAnalysis(permutations: 100)
    #expect(analysis.corpora == 156)
    #expect(abs(analysis.observed - 3.28) < 0.005)
    #expect(abs(analysis.permuted - 4.06) < 0.03)
    #expect(analysis.permutedRange[0] > 3.9 && analysis.permutedRange[1] < 4.25)
    #expect(analysis.pValue == 0)
    #expect(analysis.byRule.count == 4)
  }

  @Test func permutationsKeepRuleAndPolarity() {
    // Clusters are kept apart by rule and by label: permuting them changes nothing when every
    // corpus of a rule has the same strings.
    let corpora = (0..<6).map { index in
      TeachingCorpora.Corpus(
        teacher: "\(index)", rule: index % 2 == 0 ? "3a" : "zip-code",
        examples: [
          TeachingExample(index % 2 == 0 ? "aaaaaaaa" : "12345", isPositive: true),
          TeachingExample(index % 2 == 0 ? "aaaaaaab" : "zzzzzzzzzz", isPositive: false),
        ])
    }
    let analysis = TeachingCorpora(corpora: corpora).clusterAnalysis(permutations: 20)
    #expect(analysis.observed == 1.5 && analysis.permuted == 1.5)
    #expect(analysis.byRule == ["3a": [1, 1], "zip-code": [2, 2]])
  }
}
