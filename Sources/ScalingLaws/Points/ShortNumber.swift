import Foundation

/// A number in a few digits, as tables and sentences show sizes: `0.0701`, `3.12`, `1,204`, `5.76e+23`.
func short(_ number: Double, digits: Int = 4) -> String {
  guard number.isFinite else { return number.isNaN ? "–" : (number > 0 ? "∞" : "−∞") }
  return String(format: "%.\(digits)g", locale: Locale(identifier: "en_US_POSIX"), number).lowercased()
}
