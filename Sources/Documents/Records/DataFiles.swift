import Foundation

/// Finds the data files that a list of paths names.
public enum DataFiles {
  /// The files named, folders replaced by what they hold, in an order that is the same everywhere.
  ///
  /// A folder gives the files below it whose names end in a known format, sorted by the bytes of
  /// their paths; hidden files and folders are left out, and so are the texts about a folder: its README and licence.
  ///
  /// - Throws: ``DataError`` of kind `noInput` where a path doesn't exist or a folder holds nothing
  ///   readable.
  public static func find(_ paths: [String]) throws(DataError) -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard
        path == FileContents.standardInput || FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      else {
        throw DataError(
          .noInput, path: path, problem: "there is no such file or folder",
          advice: "Check the path.")
      }
      guard isFolder.boolValue else {
        files.append(path)
        continue
      }
      let inside = try contents(of: path)
      guard !inside.isEmpty else {
        throw DataError(
          .noInput, path: path, problem: "the folder holds no data files",
          advice: "Files that end in \(endings), also with .gz, are read.")
      }
      files += inside
    }
    return files
  }

  /// Whether a file's name says that it is about the others.
  private static func isAboutFolder(_ path: String) -> Bool {
    guard DataFormat(path: path) == .text else { return false }
    let name = path.split(separator: "/").last?.split(separator: ".").first?.lowercased() ?? ""
    return ["readme", "license", "licence", "notice", "changelog", "contributing", "citation"].contains(name)
  }

  static var endings: String {
    DataFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
  }

  private static func contents(of folder: String) throws(DataError) -> [String] {
    let below: [String]
    do {
      below = try FileManager.default.subpathsOfDirectory(atPath: folder)
    } catch {
      throw DataError(
        .noInput, path: folder, problem: "the folder can't be listed",
        advice: "Check its permissions.")
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return
      below
      .filter { path in
        DataFormat(path: path) != nil && !isAboutFolder(path)
          && !path.split(separator: "/").contains { $0.hasPrefix(".") }
      }
      .map { prefix + $0 }
      .filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
          && !isFolder.boolValue
      }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
