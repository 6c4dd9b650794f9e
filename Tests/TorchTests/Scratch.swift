import Foundation
import TestSupport

extension TemporaryFolder {
  func write(_ bytes: [UInt8], _ name: String = "x.safetensors") throws -> URL {
    URL(fileURLWithPath: try write(name, bytes))
  }
}

/// A file made by Fixtures/make_fixtures.py.
func fixture(_ name: String) throws -> URL {
  try Bundle.module.fixtures.appendingPathComponent(name)
}
