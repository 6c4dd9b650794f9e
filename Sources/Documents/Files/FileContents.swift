public import Foundation

/// A whole input file in memory: gzipped or not, a pipe as well as a file, and `-` for standard input.
public enum FileContents {
  /// The name of standard input on a command line.
  public static let standardInput = "-"

  /// The path that a URL was made of, so that messages name a file as the user did: relative where it was, `-` for standard input.
  public static func path(of url: URL) -> String {
    let relative = url.relativePath
    guard url.isFileURL, relative != standardInput else { return relative }
    // A URL may also be relative to another folder than this one.
    return URL(fileURLWithPath: relative).path == url.path ? relative : url.path
  }

  /// The bytes of a file.
  ///
  /// - Throws: ``DataError`` where the file isn't there, is a folder, or can't be read.
  public static func data(of path: String) throws(DataError) -> Data {
    let stream = try ByteStream(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    var data = Data()
    while true {
      let count = try stream.read(into: buffer)
      guard count > 0, let start = buffer.baseAddress else { break }
      data.append(start.assumingMemoryBound(to: UInt8.self), count: count)
    }
    return data
  }

  /// The text of a file in UTF-8, without a byte-order mark.
  ///
  /// - Throws: ``DataError`` for what can't be read and for what is not UTF-8.
  public static func text(of path: String) throws(DataError) -> String {
    try text(try data(of: path), path: path)
  }

  /// The text that was in a file, as ``text(of:)`` reads it.
  static func text(_ data: Data, path: String) throws(DataError) -> String {
    if var decoder = WideDecoder(data, path: path) {
      return String(decoding: try decoder.decode(data.dropFirst(WideDecoder.markLength), atEnd: true), as: UTF8.self)
    }
    if let encoding = WideEncoding(data) { throw encoding.error(path: path) }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard let text = String(validating: data.starts(with: mark) ? data.dropFirst(3) : data, as: UTF8.self) else {
      throw DataError(.badData, path: path, problem: "the file is not valid UTF-8", advice: "Convert it to UTF-8.")
    }
    return text
  }
}
