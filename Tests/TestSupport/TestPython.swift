package import Foundation
package import Testing

/// The python that Scripts/prepare-test-python made, with other people's clients and reference libraries in it.
package enum TestPython {
  /// The program, or nil where PyPI couldn't be reached.
  package static let url: URL? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let python = root.appendingPathComponent(".venv-test/bin/python")
    return FileManager.default.isExecutableFile(atPath: python.path) ? python : nil
  }()
}

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where there is no such python.
  package static var needsTestPython: Self {
    .enabled(
      if: TestPython.url != nil, "no .venv-test: Scripts/prepare-test-python makes it where PyPI can be reached")
  }
}
