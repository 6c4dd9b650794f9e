import Foundation
import TestSupport
import Torch

/// Values that the fixture script has written, read by key.
struct Golden {
  let value: Any

  init(_ name: String) throws {
    let data = try Data(contentsOf: Bundle.module.fixtures.appendingPathComponent("\(name).json"))
    value = try JSONSerialization.jsonObject(with: data)
  }
  private init(_ value: Any) { self.value = value }

  private var dictionary: [String: Any] { value as? [String: Any] ?? [:] }
  subscript(_ key: String) -> Golden {
    guard let found = dictionary[key] else { preconditionFailure("the fixture lacks \(key)") }
    return Golden(found)
  }
  var keys: [String] { dictionary.keys.sorted() }
  var list: [Golden] { (value as? [Any] ?? []).map(Golden.init) }
  var number: Double { (value as? NSNumber)?.doubleValue ?? .nan }
  var numbers: [Double] { list.map(\.number) }
  var text: String { value as? String ?? "" }
  var shape: [Int] { self["shape"].numbers.map(Int.init) }
  var tensor: Tensor { Tensor(self["values"].numbers.map(Float.init), shape: shape) }
  var ids: Tensor { Tensor(self["values"].numbers.map { Int($0) }, shape: shape) }
}

/// The largest |a − b| / (1 + |b|), infinite where the shapes differ or something is not a number.
func difference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  var most = 0.0
  for (x, y) in zip(a.array(of: Double.self), b.array(of: Double.self)) {
    let distance = abs(x - y) / (1 + abs(y))
    if !(distance <= most) { most = distance.isNaN ? .infinity : distance }
  }
  return most
}

/// Whether every bit agrees.
func isSame(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && a.array().map(\.bitPattern) == b.array().map(\.bitPattern)
}
