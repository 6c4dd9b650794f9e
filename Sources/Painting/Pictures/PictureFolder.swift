import Documents
import Foundation
import Media

/// The files of a painting: `painting.png`, `timelapse.gif`, `painting.svg`, `strokes.json`, `painting.ora` and `compared.png`.
public struct PictureFolder: Sendable {
  /// The folder's path.
  public let path: String
  /// The pictures of a timelapse at most.
  static let frames = 60

  /// Makes the folder where it isn't there.
  ///
  /// - Throws: `DataError` where it can't be made.
  public init(_ path: String) throws {
    self.path = path
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw DataError(
        .inputOutput, path: path, problem: "can't create the folder", advice: "Check the path and its permissions.")
    }
  }

  /// Writes all files of a painting.
  ///
  /// - Parameter longSide: the longer side of `painting.png` and of the layers in pixels.
  public func write(_ result: PicturePainter.Result, brush: BrushFile, longSide: Int) throws {
    let picture = result.picture
    let surfaces = try picture.surfaces(brush, longSide: longSide)
    let blank = picture.blank(longSide: longSide)
    let merged = surfaces.reduce(blank) { $1.picture(over: $0) }
    try PNGFile.write(merged, to: path + "/painting.png")
    try DurableFile.write(
      OpenRaster.data(background: blank, layers: surfaces, merged: merged), to: path + "/painting.ora")
    try DurableFile.write(picture.svg(longSide: longSide), to: path + "/painting.svg")
    try DurableFile.write(try JSONValue(encoding: picture).serialized() + "\n", to: path + "/strokes.json")
    try GIFFile.write(try timelapse(picture, brush), delay: 8, to: path + "/timelapse.gif")
    try PNGFile.write(Self.sideBySide(result.compared), to: path + "/compared.png")
  }

  /// The painting as it grows; the last picture stays for a while.
  private func timelapse(_ picture: PaintedPicture, _ brush: BrushFile) throws -> [RGBImage] {
    let longSide = 480
    var frames = [picture.blank(longSide: longSide)]
    let count = picture.strokes.count
    let step = max(1, count / Self.frames)
    var below = frames[0]
    var current = 0
    var last: BrushSurface?
    _ = try picture.surfaces(brush, longSide: longSide) { number, layer, surface in
      if layer != current, let done = last { below = done.picture(over: below) }
      (current, last) = (layer, surface)
      if number % step == 0 || number == count { frames.append(surface.picture(over: below)) }
    }
    return frames + Array(repeating: frames[frames.count - 1], count: 20)
  }

  static func sideBySide(_ pictures: [RGBImage]) -> RGBImage {
    let gap = 8
    let width = pictures.reduce(-gap) { $0 + $1.width + gap }
    var sheet = RGBImage(width: max(1, width), height: pictures.map(\.height).max() ?? 1, grey: 255)
    var x = 0
    for picture in pictures {
      sheet.paste(picture, x: x, y: 0)
      x += picture.width + gap
    }
    return sheet
  }
}

extension PaintedPicture {
  /// The strokes as curves of one width and opacity each: what a drawing program can change, without the brush's grain.
  func svg(longSide: Int) -> String {
    let (width, height) = size(longSide: longSide)
    func hex(_ color: SIMD3<Float>) -> String {
      "#"
        + [color.x, color.y, color.z].map { value in
          let digits = String(UInt8(min(max(value, 0), 1) * 255), radix: 16)
          return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }
    func number(_ value: Float) -> String { String(format: "%.1f", value) }
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" fill="none" stroke-linecap="round">"#,
      #"<rect width="\#(width)" height="\#(height)" fill="\#(hex(ground))"/>"#,
    ]
    for layer in layers {
      lines.append("<g>")
      for stroke in layer {
        let (action, frame) = (stroke.action, stroke.frame(longSide: longSide))
        func point(_ p: SIMD2<Float>) -> String {
          number(frame.x + p.x * frame.side) + " " + number(frame.y + p.y * frame.side)
        }
        let diameter = 2 * exp(action.size * 2) * frame.side / StrokeAction.frame
        let opacity = (action.startPressure + action.endPressure) / 2
        lines.append(
          #"<path d="M\#(point(action.start)) Q\#(point(action.bezierControl)) \#(point(action.end))" stroke="\#(hex(action.color))" "#
            + #"stroke-width="\#(number(diameter))" stroke-opacity="\#(String(format: "%.2f", opacity))"/>"#)
      }
      lines.append("</g>")
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
