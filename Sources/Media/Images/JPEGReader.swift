import Documents
import Foundation

/// Reads JPEG with libjpeg-turbo's TurboJPEG interface, and turns the picture as EXIF says that it was held.
enum JPEGReader {
  private typealias Open = @convention(c) () -> UnsafeMutableRawPointer?
  private typealias Header =
    @convention(c) (
      UnsafeMutableRawPointer, UnsafePointer<UInt8>, UInt, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Int32
  private typealias Decompress =
    @convention(c) (
      UnsafeMutableRawPointer, UnsafePointer<UInt8>, UInt, UnsafeMutablePointer<UInt8>, Int32, Int32, Int32, Int32,
      Int32
    ) -> Int32
  private typealias Message = @convention(c) (UnsafeMutableRawPointer) -> UnsafePointer<CChar>?
  private typealias Close = @convention(c) (UnsafeMutableRawPointer) -> Int32
  private static let library = DynamicLibrary([
    "libturbojpeg.so.0", "libturbojpeg.dylib", "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib",
    "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib",
  ])

  static func read(_ data: Data, path: String) throws(DataError) -> RGBImage {
    guard let library, let open = library.function("tjInitDecompress", as: Open.self), let handle = open(),
      let header = library.function("tjDecompressHeader3", as: Header.self),
      let decompress = library.function("tjDecompress2", as: Decompress.self),
      let message = library.function("tjGetErrorStr2", as: Message.self),
      let close = library.function("tjDestroy", as: Close.self)
    else {
      throw PictureFile.missing("libjpeg-turbo", "apt-get install libturbojpeg0, brew install jpeg-turbo", path: path)
    }
    defer { _ = close(handle) }
    let bytes = [UInt8](data)
    var (width, height, sampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
    func damaged() -> DataError {
      let reason = message(handle).map { String(cString: $0) } ?? "unknown"
      return DataError(
        .badData, path: path, problem: "the JPEG can't be read (\(reason))", advice: "Check that it is whole.")
    }
    guard header(handle, bytes, UInt(bytes.count), &width, &height, &sampling, &space) == 0, width > 0, height > 0
    else {
      throw damaged()
    }
    // 3 is CMYK and 4 is YCCK: four channels come out, which no conversion of the library's makes red, green and blue.
    let isCMYK = space == 3 || space == 4
    var shrink = 1
    while Int(width) * Int(height) / (shrink * shrink) > PictureFile.limit / 4, shrink < 8 { shrink *= 2 }
    let (w, h) = ((Int(width) + shrink - 1) / shrink, (Int(height) + shrink - 1) / shrink)
    guard w * h <= PictureFile.limit else { throw PictureFile.tooLarge(Int(width), Int(height), path: path) }
    let channels = isCMYK ? 4 : 3
    var pixels = [UInt8](repeating: 0, count: w * h * channels)
    let status = decompress(
      handle, bytes, UInt(bytes.count), &pixels, Int32(w), Int32(w * channels), Int32(h), isCMYK ? 11 : 0, 0)
    guard status == 0 else { throw damaged() }
    if isCMYK { pixels = converted(pixels, isInverted: !hasAdobeMarker(bytes)) }
    return oriented(RGBImage(width: w, height: h, bytes: pixels), orientation(bytes))
  }

  /// Ink over white paper; Photoshop writes the share that is left of the paper instead, with its marker.
  private static func converted(_ pixels: [UInt8], isInverted: Bool) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: pixels.count / 4 * 3)
    for i in 0..<pixels.count / 4 {
      let black = isInverted ? 255 - Int(pixels[i * 4 + 3]) : Int(pixels[i * 4 + 3])
      for channel in 0..<3 {
        let value = isInverted ? 255 - Int(pixels[i * 4 + channel]) : Int(pixels[i * 4 + channel])
        result[i * 3 + channel] = UInt8(value * black / 255)
      }
    }
    return result
  }

  /// The segments before the picture: marker and content.
  private static func segments(_ bytes: [UInt8]) -> [(marker: UInt8, content: ArraySlice<UInt8>)] {
    var (place, found) = (2, [(marker: UInt8, content: ArraySlice<UInt8>)]())
    while place + 4 <= bytes.count, bytes[place] == 0xFF, bytes[place + 1] != 0xDA {
      let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
      guard length >= 2, place + 2 + length <= bytes.count else { break }
      found.append((bytes[place + 1], bytes[place + 4..<place + 2 + length]))
      place += 2 + length
    }
    return found
  }

  private static func hasAdobeMarker(_ bytes: [UInt8]) -> Bool {
    segments(bytes).contains { $0.marker == 0xEE && $0.content.starts(with: "Adobe".utf8) }
  }

  /// EXIF's tag 0x0112, 1 to 8; 1 where there is none.
  static func orientation(_ bytes: [UInt8]) -> Int {
    for (marker, content) in segments(bytes) where marker == 0xE1 && content.starts(with: "Exif\0\0".utf8) {
      let tiff = Array(content.dropFirst(6))
      guard tiff.count >= 8 else { return 1 }
      let isLittle = tiff[0] == 0x49
      func value(_ place: Int, _ length: Int) -> Int? {
        guard place >= 0, place + length <= tiff.count else { return nil }
        let part = tiff[place..<place + length]
        return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
      }
      guard let directory = value(4, 4), let count = value(directory, 2) else { return 1 }
      for entry in 0..<count where value(directory + 2 + entry * 12, 2) == 0x0112 {
        let found = value(directory + 2 + entry * 12 + 8, 2) ?? 1
        return (1...8).contains(found) ? found : 1
      }
    }
    return 1
  }

  /// The picture as it was seen: 2 to 4 are mirrored or upside down, 5 to 8 lie on a side.
  static func oriented(_ picture: RGBImage, _ orientation: Int) -> RGBImage {
    guard orientation > 1 else { return picture }
    let isTurned = orientation > 4
    let (w, h) = (picture.width, picture.height)
    var result = RGBImage(width: isTurned ? h : w, height: isTurned ? w : h)
    for y in 0..<result.height {
      for x in 0..<result.width {
        // The place of the upright pixel in the picture as it is stored.
        let (across, down) = isTurned ? (y, x) : (x, y)
        let sourceX = [2, 3, 7, 8].contains(orientation) ? w - 1 - across : across
        let sourceY = [3, 4, 6, 7].contains(orientation) ? h - 1 - down : down
        let (from, to) = ((sourceY * w + sourceX) * 3, (y * result.width + x) * 3)
        for channel in 0..<3 { result.bytes[to + channel] = picture.bytes[from + channel] }
      }
    }
    return result
  }
}
