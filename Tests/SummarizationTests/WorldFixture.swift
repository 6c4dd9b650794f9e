import Foundation
import Summarization

/// The excerpt of a world that the fixture keeps.
enum WorldFixture {
  /// Where to write the excerpt, if that is asked for.
  static var destination: String? {
    ProcessInfo.processInfo.environment["APPRENTICE_WORLD_FIXTURE"]
  }

  static func text(of world: PostWorld) -> String {
    var lines: [String] = []
    for split in PostSplit.allCases {
      for post in world.posts(0..<12, in: split) {
        let summary = world.demonstration(for: post)
        lines.append("\(post.prompt) \(summary.text) [\(summary.quality.rawValue)]")
      }
    }
    lines += world.pretrainingCorpus(documents: 24)
    return lines.joined(separator: "\n\n") + "\n"
  }
}
