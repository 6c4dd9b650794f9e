import Documents
import Foundation

/// A secret that a link or a cookie carries: 256 bits by chance, of which only the digest is kept.
struct Secret: Sendable {
  /// The secret itself, in letters that a link can carry.
  let text: String

  init() {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
  }

  /// What is kept of a secret that came back.
  static func digest(_ text: String) -> String { SHA256Digest(of: Data(text.utf8)).hexadecimal }

  /// What is kept of it.
  var digest: String { Self.digest(text) }

  /// Whether two texts are equal, in a time that doesn't depend on where they differ.
  static func equal(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
