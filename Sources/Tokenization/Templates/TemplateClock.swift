import Foundation

/// The moment that `strftime_now` prints.
struct TemplateClock: Sendable {
  var now: Date

  /// The local time in C's `strftime` format.
  func text(_ format: String) -> String {
    var seconds = time_t(now.timeIntervalSince1970)
    var parts = tm()
    guard !format.isEmpty, format.utf8.count <= 1_000, localtime_r(&seconds, &parts) != nil else {
      return ""
    }
    var buffer = [CChar](repeating: 0, count: 16_384)
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
