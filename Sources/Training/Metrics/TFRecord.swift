/// The framing of TensorFlow's record files: length, its checksum, the data, its checksum.
enum TFRecord {
  /// One record with its frame.
  static func frame(_ data: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Array($0) }
    return length + checksum(length) + data + checksum(data)
  }

  private static func checksum(_ data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: maskedCRC32C(data).littleEndian) { Array($0) }
  }

  /// The CRC rotated right by 15 bits plus a constant, so that a checksum of data that holds
  /// checksums is no weaker.
  private static func maskedCRC32C(_ data: [UInt8]) -> UInt32 {
    let crc = crc32C(data)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  /// The CRC with Castagnoli's polynomial, bits reflected.
  private static func crc32C(_ data: [UInt8]) -> UInt32 {
    ~data.reduce(~UInt32(0)) { crc, byte in
      crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
    }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in
      crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1
    }
  }
}
