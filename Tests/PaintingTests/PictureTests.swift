import Foundation
import Media
import NeuralNetworks
import Painting
import TestSupport
import Testing
import Torch

@Suite(.needsBrushes) struct PictureTests {
  private func painter() throws -> PicturePainter {
    var settings = PictureSettings()
    (settings.strokes, settings.steps) = (14, 12)
    return PicturePainter(
      NeuralPainter.make(.curve, generator: Generator(seed: 1)), brush: try BrushFile(named: "classic/calligraphy"),
      settings: settings)
  }

  /// What comes near to a picture is not the number of strokes but where and in which colour they are.
  @Test func paintingsResembleTheirPictures() throws {
    var half = RGBImage(width: 90, height: 60, grey: 255)
    half.paste(RGBImage(width: 45, height: 60, grey: 0), x: 0, y: 0)
    let result = try painter().paint(half)
    #expect(result.picture.strokes.count == 14)
    #expect(result.errors.brush < 0.6 * result.errors.ground)
    let painted = try result.picture.render(BrushFile(named: "classic/calligraphy"), longSide: 90)
    #expect(painted.width == 90 && painted.height == 60)
    func mean(_ columns: Range<Int>) -> Double {
      let values = (0..<60).flatMap { y in columns.map { Double(painted.bytes[(y * 90 + $0) * 3]) } }
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(mean(0..<40) + 40 < mean(50..<90))
  }

  @Test(arguments: [(1, 1), (300, 4), (3, 120)]) func anySizeIsPainted(_ width: Int, _ height: Int) throws {
    let result = try painter().paint(RGBImage(width: width, height: height, grey: 90))
    let (w, h) = result.picture.size(longSide: 200)
    #expect(max(w, h) == 200)
    #expect(min(w, h) == max(1, Int((200.0 * Double(min(width, height)) / Double(max(width, height))).rounded())))
    #expect(result.errors.brush.isFinite)
  }

  @Test func stoppingKeepsWhatThereIs() throws {
    let result = try painter().paint(ExampleScene.landscape.picture(longSide: 64)) { $0.step < 3 }
    #expect(result.picture.layers.count == 1)
    #expect(!result.picture.strokes.isEmpty)
  }

  /// The files by readers that aren't this project: Pillow, zipfile, an XML parser.
  @Test(.needsTestPython) func filesAreReadByOthers() throws {
    let brush = try BrushFile(named: "classic/calligraphy")
    let result = try painter().paint(ExampleScene.stillLife.picture(longSide: 64))
    let folder = try TemporaryFolder()
    try PictureFolder(folder.path).write(result, brush: brush, longSide: 128)
    let script = """
      import io, json, sys, zipfile
      from PIL import Image, ImageChops
      import xml.etree.ElementTree as tree
      folder = sys.argv[1]
      painting = Image.open(folder + "/painting.png")
      assert painting.size == (128, 96) and painting.mode == "RGB"
      archive = zipfile.ZipFile(folder + "/painting.ora")
      first = archive.infolist()[0]
      assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
      assert archive.read("mimetype") == b"image/openraster"
      image = tree.fromstring(archive.read("stack.xml"))
      assert (image.get("w"), image.get("h")) == ("128", "96")
      layers = image.find("stack").findall("layer")
      canvas = Image.open(io.BytesIO(archive.read(layers[-1].get("src")))).convert("RGBA")
      for layer in reversed(layers[:-1]):
          one = Image.open(io.BytesIO(archive.read(layer.get("src"))))
          assert one.mode == "RGBA" and one.size == (128, 96) and one.getextrema()[3][1] > 0
          canvas = Image.alpha_composite(canvas, one)
      merged = Image.open(io.BytesIO(archive.read("mergedimage.png")))
      assert ImageChops.difference(merged, painting).getbbox() is None
      # Layers of 8 bits over each other: rounded at each.
      worst = max(high for low, high in ImageChops.difference(canvas.convert("RGB"), merged).getextrema())
      assert worst <= 4, worst
      assert max(Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size) <= 256
      paths = tree.parse(folder + "/painting.svg").getroot().findall(".//{http://www.w3.org/2000/svg}path")
      strokes = json.load(open(folder + "/strokes.json"))
      assert len(paths) == sum(len(layer) for layer in strokes["layers"]) == 14
      assert Image.open(folder + "/timelapse.gif").n_frames > 10
      print("read")
      """
    let process = Process()
    process.executableURL = TestPython.url
    process.arguments = ["-c", script, folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == "read\n")
  }
}
