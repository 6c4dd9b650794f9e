import Documents
import Foundation

/// An array as NumPy's `.npy` files hold it: version 1.0, little-endian, rows first.
struct NumPyArray {
  var type: String
  var shape: [Int]
  var bytes: Data

  /// An array of bytes.
  init(_ elements: [UInt8], shape: [Int]) {
    (type, self.shape, bytes) = ("|u1", shape, Data(elements))
  }

  /// An array of 32-bit floats.
  init(_ elements: [Float], shape: [Int]) {
    (type, self.shape) = ("<f4", shape)
    bytes = elements.withUnsafeBytes { Data($0) }
  }

  /// The floats.
  var floats: [Float] {
    bytes.withUnsafeBytes { raw in (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }

  /// The file's bytes.
  var data: Data {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(lengths)), }"
    // The data begins at a multiple of 64, after a newline.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(length & 255), UInt8(length >> 8)])
      + Data(header.utf8) + bytes
  }

  /// The array of a file's bytes; nil where it isn't one of the type and the lengths of its rows.
  ///
  /// - Parameters:
  ///   - type: as NumPy writes it, such as `<f4`.
  ///   - row: the lengths after the first.
  init?(_ data: Data, type: String, row: [Int]) {
    let bytes = [UInt8](data.prefix(10))
    guard bytes.count == 10, bytes[0] == 0x93, bytes[6] == 1 else { return nil }
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    let header = String(decoding: data.dropFirst(10).prefix(length), as: UTF8.self)
    guard header.contains("'\(type)'"), header.contains("'fortran_order': False"),
      let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")"), open < close
    else { return nil }
    let shape = header[header.index(after: open)..<close].split(separator: ",")
      .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    let size = type.hasSuffix("4") ? 4 : 1
    guard shape.count == row.count + 1, Array(shape.dropFirst()) == row,
      data.count == 10 + length + shape.reduce(1, *) * size
    else { return nil }
    self.type = type
    self.shape = shape
    self.bytes = Data(data.dropFirst(10 + length))
  }
}
