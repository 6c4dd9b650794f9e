import Documents
import Media

/// The functions of libmypaint that painting needs, found when the library is first opened.
///
/// Every structure stays behind an opaque pointer, apart from the request for a tile, whose buffer's place is read: so
/// nothing here depends on headers, and versions 1.3 to 1.6 do.
struct MyPaintLibrary: @unchecked Sendable {
  typealias Handle = UnsafeMutableRawPointer

  let brushNew: @convention(c) () -> Handle?
  let brushUnref: @convention(c) (Handle) -> Void
  let brushReset: @convention(c) (Handle) -> Void
  let brushNewStroke: @convention(c) (Handle) -> Void
  let brushFromDefaults: @convention(c) (Handle) -> Void
  let brushFromString: @convention(c) (Handle, UnsafePointer<CChar>) -> Int32
  let brushSet: @convention(c) (Handle, Int32, Float) -> Void
  let brushGet: @convention(c) (Handle, Int32) -> Float
  let strokeTo: @convention(c) (Handle, Handle, Float, Float, Float, Float, Float, Double) -> Int32
  let setting: @convention(c) (UnsafePointer<CChar>) -> Int32
  let surfaceNew: @convention(c) (Int32, Int32) -> Handle?
  let surfaceInterface: @convention(c) (Handle) -> Handle?
  let surfaceUnref: @convention(c) (Handle) -> Void
  let begin: @convention(c) (Handle) -> Void
  let end: @convention(c) (Handle, Handle?) -> Void
  let requestInit: @convention(c) (Handle, Int32, Int32, Int32, Int32) -> Void
  let requestStart: @convention(c) (Handle, Handle) -> Void
  let requestEnd: @convention(c) (Handle, Handle) -> Void

  /// The library, or what to do about its lack.
  static let shared: Result<MyPaintLibrary, PaintingError> = {
    let names = [
      "libmypaint-1.5.so.1", "libmypaint.so.0", "libmypaint.so", "libmypaint.dylib",
      "/opt/homebrew/lib/libmypaint.dylib",
      "/usr/local/lib/libmypaint.dylib",
    ]
    guard let library = DynamicLibrary(names) else {
      return .failure(
        PaintingError(
          "painting needs libmypaint, which isn't installed. Install it with its brushes: "
            + "apt-get install libmypaint-1.5-1 mypaint-brushes, or brew install libmypaint mypaint-brushes.",
          .unavailable
        ))
    }
    guard let found = MyPaintLibrary(library) else {
      return .failure(
        PaintingError(
          "the libmypaint of this system lacks functions that painting needs. Install version 1.3 to 1.6.", .unavailable
        ))
    }
    return .success(found)
  }()

  private init?(_ library: DynamicLibrary) {
    func find<F>(_ name: String, _ type: F.Type = F.self) -> F? { library.function("mypaint_" + name, as: type) }
    guard let brushNew = find("brush_new", (@convention(c) () -> Handle?).self),
      let brushUnref = find("brush_unref", (@convention(c) (Handle) -> Void).self),
      let brushReset = find("brush_reset", (@convention(c) (Handle) -> Void).self),
      let brushNewStroke = find("brush_new_stroke", (@convention(c) (Handle) -> Void).self),
      let brushFromDefaults = find("brush_from_defaults", (@convention(c) (Handle) -> Void).self),
      let brushFromString = find("brush_from_string", (@convention(c) (Handle, UnsafePointer<CChar>) -> Int32).self),
      let brushSet = find("brush_set_base_value", (@convention(c) (Handle, Int32, Float) -> Void).self),
      let brushGet = find("brush_get_base_value", (@convention(c) (Handle, Int32) -> Float).self),
      let strokeTo = find(
        "brush_stroke_to",
        (@convention(c) (Handle, Handle, Float, Float, Float, Float, Float, Double) -> Int32).self),
      let setting = find("brush_setting_from_cname", (@convention(c) (UnsafePointer<CChar>) -> Int32).self),
      let surfaceNew = find("fixed_tiled_surface_new", (@convention(c) (Int32, Int32) -> Handle?).self),
      let surfaceInterface = find("fixed_tiled_surface_interface", (@convention(c) (Handle) -> Handle?).self),
      let surfaceUnref = find("surface_unref", (@convention(c) (Handle) -> Void).self),
      let begin = find("surface_begin_atomic", (@convention(c) (Handle) -> Void).self),
      let end = find("surface_end_atomic", (@convention(c) (Handle, Handle?) -> Void).self),
      let requestInit = find("tile_request_init", (@convention(c) (Handle, Int32, Int32, Int32, Int32) -> Void).self),
      let requestStart = find("tiled_surface_tile_request_start", (@convention(c) (Handle, Handle) -> Void).self),
      let requestEnd = find("tiled_surface_tile_request_end", (@convention(c) (Handle, Handle) -> Void).self)
    else { return nil }
    self.brushNew = brushNew
    self.brushUnref = brushUnref
    self.brushReset = brushReset
    self.brushNewStroke = brushNewStroke
    self.brushFromDefaults = brushFromDefaults
    self.brushFromString = brushFromString
    self.brushSet = brushSet
    self.brushGet = brushGet
    self.strokeTo = strokeTo
    self.setting = setting
    self.surfaceNew = surfaceNew
    self.surfaceInterface = surfaceInterface
    self.surfaceUnref = surfaceUnref
    self.begin = begin
    self.end = end
    self.requestInit = requestInit
    self.requestStart = requestStart
    self.requestEnd = requestEnd
  }
}
