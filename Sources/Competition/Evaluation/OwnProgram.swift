import Foundation
import Torch

/// This program as submissions may start it: its file, and what its file needs that isn't the system's.
struct OwnProgram: Sendable {
  /// The program's path.
  let path: String
  /// Libraries and folders that it opens.
  let needs: [String]
  /// Variables that say where they are.
  let environment: [String: String]

  /// The program at a path, or the one that runs.
  init(path: String? = nil) {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    self.path = path ?? own
    var needs = [self.path]
    var environment: [String: String] = [:]
    // Swift's own libraries, where they aren't part of the system.
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    var libraries: Set<String> = []
    for line in maps.split(separator: "\n") {
      guard let start = line.firstIndex(of: "/") else { continue }
      let file = String(line[start...])
      guard file.contains(".so"), !["/usr/", "/lib"].contains(where: file.hasPrefix) else { continue }
      libraries.insert((file as NSString).deletingLastPathComponent)
    }
    let torch = TorchLibrary.candidates.first { FileManager.default.fileExists(atPath: $0) }
    if let torch {
      environment["CTORCH_LIBRARY"] = torch
      let folder = (torch as NSString).deletingLastPathComponent
      libraries = libraries.filter { !$0.hasPrefix(folder) }
      needs.append(folder)
    }
    self.needs = needs + libraries.sorted()
    // The program may know them by links that lead nowhere inside.
    if !libraries.isEmpty { environment["LD_LIBRARY_PATH"] = libraries.sorted().joined(separator: ":") }
    self.environment = environment
  }
}
