import Foundation

/// A number with a fixed count of decimals, the same in every locale; an en dash where there is none.
package func fixed(_ number: Double, _ decimals: Int) -> String {
  guard number.isFinite else { return number.isNaN ? "–" : (number > 0 ? "∞" : "−∞") }
  return String(format: "%.\(decimals)f", locale: Locale(identifier: "en_US_POSIX"), number)
}
