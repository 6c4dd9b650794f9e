import Foundation

/// A shared library that is opened when something first asks for it, so that a program builds and starts without it.
///
/// ```
/// let library = DynamicLibrary(["libm.so.6", "libm.dylib"])
/// let cosine = library?.function("cos", as: (@convention(c) (Double) -> Double).self)
/// ```
package struct DynamicLibrary: @unchecked Sendable {
  // Never closed: function pointers into it are kept for as long as the process lives.
  private let handle: UnsafeMutableRawPointer

  /// Opens the first library that is there; nil where none is.
  ///
  /// - Parameter names: file names as the system's loader looks for them, or paths.
  package init?(_ names: [String]) {
    for name in names {
      if let found = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
        handle = found
        return
      }
    }
    return nil
  }

  /// A function of the library; nil where it has none of that name.
  ///
  /// - Parameter type: the function's type with `@convention(c)`. Nothing checks it against the library.
  package func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }
}
