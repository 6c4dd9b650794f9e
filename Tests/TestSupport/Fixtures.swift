package import Foundation

extension Bundle {
  /// The folder `Fixtures` of a test target: `Bundle.module.fixtures`.
  package var fixtures: URL {
    get throws {
      guard let folder = url(forResource: "Fixtures", withExtension: nil) else { throw CocoaError(.fileNoSuchFile) }
      return folder
    }
  }
}
