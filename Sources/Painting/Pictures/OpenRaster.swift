import Documents
import Foundation
import Media

/// OpenRaster files, which MyPaint, Krita and GIMP open with their layers (OpenRaster 0.0.5).
enum OpenRaster {
  /// The file of some layers over a background.
  static func data(background: RGBImage, layers: [BrushSurface], merged: RGBImage) -> Data {
    var archive = ZipWriter()
    archive.add("mimetype", Data("image/openraster".utf8), isStored: true)
    let (width, height) = (merged.width, merged.height)
    var stack: [String] = []
    for (number, layer) in layers.enumerated() {
      let file = "data/layer\(number).png"
      archive.add(file, PNGFile.data(width: width, height: height, rgba: layer.straightRGBA()), isStored: true)
      // The uppermost layer comes first.
      stack.insert(
        #"    <layer name="strokes \#(number + 1)" src="\#(file)" x="0" y="0" opacity="1.0" visibility="visible" "#
          + #"composite-op="svg:src-over"/>"#, at: 0)
    }
    archive.add("data/background.png", PNGFile.data(of: background), isStored: true)
    stack.append(
      #"    <layer name="canvas" src="data/background.png" x="0" y="0" opacity="1.0" visibility="visible"/>"#)
    let xml = """
      <?xml version="1.0" encoding="UTF-8"?>
      <image version="0.0.5" w="\(width)" h="\(height)" xres="72" yres="72">
        <stack>
      \(stack.joined(separator: "\n"))
        </stack>
      </image>

      """
    archive.add("stack.xml", Data(xml.utf8))
    archive.add("mergedimage.png", PNGFile.data(of: merged), isStored: true)
    let scale = min(1, 256 / Double(max(width, height)))
    let thumbnail = PictureTensor.resized(
      merged, width: max(1, Int(Double(width) * scale)), height: max(1, Int(Double(height) * scale)))
    archive.add("Thumbnails/thumbnail.png", PNGFile.data(of: thumbnail), isStored: true)
    return archive.data
  }
}
