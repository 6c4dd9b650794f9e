public import Foundation
internal import CGumbo

/// Finding a page's character encoding and turning its bytes into UTF-8.
///
/// The order is that of browsers: a byte order mark, what the server said, a `meta` tag in the first 1,024 bytes; else UTF-8 where
/// the bytes are valid UTF-8, and windows-1252. What can't be decoded becomes U+FFFD, so nothing else is lost.
public enum PageEncoding {
  /// The bytes as UTF-8, without a byte order mark.
  ///
  /// - Parameter contentType: the server's `Content-Type`, of which the `charset` is used.
  public static func utf8(_ data: Data, contentType: String? = nil) -> [UInt8] {
    let bytes = [UInt8](data)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return mended(Array(bytes.dropFirst(3))) }
    if bytes.starts(with: [0xFF, 0xFE]) { return convert(Array(bytes.dropFirst(2)), from: "UTF-16LE") ?? [] }
    if bytes.starts(with: [0xFE, 0xFF]) { return convert(Array(bytes.dropFirst(2)), from: "UTF-16BE") ?? [] }
    let head = String(decoding: bytes.prefix(1024).map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
    // A page that is read as ASCII up to its meta tag can't be in UTF-16, whatever the tag says.
    let inPage = charset(in: head).map { $0.hasPrefix("utf-16") ? "utf-8" : $0 }
    if let name = contentType.flatMap({ charset(in: $0) }) ?? inPage {
      if name == "utf-8" || name == "utf8" { return mended(bytes) }
      if let converted = convert(bytes, from: iconvName(name)) { return converted }
    }
    return isUTF8(bytes) ? bytes : convert(bytes, from: "WINDOWS-1252") ?? mended(bytes)
  }

  private static func charset(in text: String) -> String? {
    guard let match = text.firstMatch(of: /charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]+)/.ignoresCase()) else { return nil }
    return match.1.lowercased()
  }

  /// The Web's meaning of a label: the Latin-1 names are windows-1252 there, gb2312 is GBK and so on.
  private static func iconvName(_ label: String) -> String {
    switch label {
    case "iso-8859-1", "latin1", "us-ascii", "ascii", "iso8859-1", "l1", "cp1252", "x-cp1252": "WINDOWS-1252"
    case "iso-8859-9", "latin5": "WINDOWS-1254"
    case "iso-8859-11", "tis-620": "WINDOWS-874"
    case "gb2312", "x-gbk", "gb_2312-80": "GB18030"
    case "shift_jis", "sjis", "x-sjis", "shift-jis": "CP932"
    case "ks_c_5601-1987", "euc-kr": "CP949"
    case "x-mac-roman": "MACINTOSH"
    case "utf-16": "UTF-16LE"
    default: label
    }
  }

  private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

  private static func mended(_ bytes: [UInt8]) -> [UInt8] {
    isUTF8(bytes) ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  /// The bytes in UTF-8; nil where the system knows no such encoding.
  private static func convert(_ bytes: [UInt8], from name: String) -> [UInt8]? {
    guard let converter = iconv_open("UTF-8", name), converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 4)
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    input.withUnsafeMutableBufferPointer { source in
      var next = source.baseAddress
      var left = source.count
      while left > 0 {
        var room = buffer.count
        var lastError: Int32 = 0
        buffer.withUnsafeMutableBufferPointer { target in
          var place = target.baseAddress
          if iconv(converter, &next, &left, &place, &room) == Int(bitPattern: UInt.max) { lastError = errno }
        }
        result.append(contentsOf: buffer[..<(buffer.count - room)].map { UInt8(bitPattern: $0) })
        if left > 0, lastError == EILSEQ || lastError == EINVAL {
          result.append(contentsOf: [0xEF, 0xBF, 0xBD])
          next = next.map { $0 + 1 }
          left -= 1
        } else if lastError != 0, lastError != E2BIG {
          break
        }
      }
    }
    return mended(result)
  }
}
