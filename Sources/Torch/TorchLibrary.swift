package import CTorch
import Foundation

/// Finds, opens and describes the compiled bridge to libtorch.
///
/// Nothing is loaded before the first tensor: a command that makes none never pays for libtorch. The library is
/// `$CTORCH_LIBRARY` if that is set, and nothing else then; otherwise it is looked for beside the executable and in
/// `.libtorch/` of the checkout that this source was compiled from (where `Scripts/bootstrap` puts it).
public enum TorchLibrary {
  /// The places that are searched, in order.
  public static var candidates: [String] {
    if let path = ProcessInfo.processInfo.environment["CTORCH_LIBRARY"], !path.isEmpty {
      return [path]
    }
    #if os(macOS)
      let name = "libctorch.dylib"
    #else
      let name = "libctorch.so"
    #endif
    let executable = URL(fileURLWithPath: CommandLine.arguments.first ?? "")
      .resolvingSymlinksInPath().deletingLastPathComponent()
    let checkout = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return [
      executable.appendingPathComponent(name).path,
      checkout.appendingPathComponent(".libtorch/\(name)").path,
    ]
  }

  /// Opens the library if it is not open yet; threads that call this at once wait for one of them.
  ///
  /// - Throws: ``TorchError`` that lists every place that was tried and why it did not do.
  public static func load() throws { try opened.get() }

  private static let opened: Result<Void, TorchError> = {
    var tried: [String] = []
    for path in candidates {
      guard FileManager.default.fileExists(atPath: path) else {
        tried.append("\(path): no such file")
        continue
      }
      guard let message = ctorch_open(path) else { return .success(()) }
      tried.append("\(path): \(String(cString: message))")
    }
    return .failure(
      TorchError(
        operation: "load",
        message: "libtorch's bridge was not found. Run Scripts/bootstrap in Apprentice's checkout, or point "
          + "CTORCH_LIBRARY at a libctorch that Scripts/build-ctorch made. Tried:\n  "
          + tried.joined(separator: "\n  ")))
  }()

  /// Whether the library is open already.
  public static var isLoaded: Bool { ctorch_table() != nil }

  /// The version of the libtorch in use, such as `2.13.0`.
  public static var version: String { torch.pointee.version().map { String(cString: $0) } ?? "" }

  /// The vector instructions that libtorch chose on this processor, such as `AVX512`.
  public static var capabilities: String { torch.pointee.capabilities().map { String(cString: $0) } ?? "" }

  /// The versions that decide a result beside the program's: the libtorch, and the kernels that ``RowLimits`` choose; a
  /// run's record holds them.
  ///
  /// - Throws: ``TorchError`` where libtorch can't be loaded or the limits in the environment are none.
  public static func versions() throws -> [String: String] {
    try load()
    return ["libtorch": version, RowLimits.key: try RowLimits.current().description]
  }

  /// The number of threads that one op may use.
  public static var threads: Int {
    get { Int(torch.pointee.threads()) }
    set { _ = torch.pointee.set_threads(Int32(newValue)) }
  }

  /// The tensor handles alive in this process: a test that ends with more than it began with has a leak.
  public static var liveHandles: Int { Int(torch.pointee.live_handles()) }
}

/// The function table, opened at first use.
///
/// A missing library here is a set-up error that the command line has already reported through
/// ``TorchLibrary/load()``; a program that skipped that call stops with the same text.
nonisolated(unsafe) package let torch: UnsafePointer<CTorchTable> = {
  do { try TorchLibrary.load() } catch { fatalError("\(error)") }
  guard let table = ctorch_table() else { fatalError("libtorch's bridge is not open") }
  return table
}()
