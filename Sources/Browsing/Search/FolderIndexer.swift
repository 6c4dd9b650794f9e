import Documents
import Foundation
public import Pages
import Synchronization

/// Brings an index up to date with folders of HTML and text files.
///
/// A page's address is its file's. Files that haven't changed in size and date are left as they are; pages of the folders whose
/// files are gone are taken out. What is named twice through links is read once; folders whose names begin with `_` or `.` are left out.
public struct FolderIndexer {
  /// What was done.
  public struct Report: Sendable, Equatable {
    /// Pages that were read.
    public var read = 0
    /// Pages that hadn't changed.
    public var unchanged = 0
    /// Pages that were taken out.
    public var removed = 0
    /// Files that weren't read, with the reasons.
    public var skipped: [String] = []
  }

  /// The reader of pages.
  public var reader: HTMLReader
  /// The largest file that is read, in bytes.
  public var largestFile: Int

  /// An indexer.
  public init(reader: HTMLReader = HTMLReader(), largestFile: Int = 64 << 20) {
    (self.reader, self.largestFile) = (reader, largestFile)
  }

  private static let endings: Set<String> = ["html", "htm", "xhtml", "txt", "md", "rst"]

  /// The files of a folder that hold pages, links to elsewhere followed, in order.
  ///
  /// - Throws: ``BrowsingError`` where there is no such folder.
  static func files(of folder: String) throws -> [URL] {
    let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder) else {
      throw BrowsingError("\(folder): there is no such folder. Check the path.", exitStatus: .noInput)
    }
    guard isFolder.boolValue else { return endings.contains(root.pathExtension.lowercased()) ? [root] : [] }
    let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    let found = (all?.compactMap { $0 as? URL } ?? []).filter { endings.contains($0.pathExtension.lowercased()) }
    // Generators of sites keep sources and scripts in folders whose names begin with "_".
    let own = found.filter { file in
      !file.pathComponents.dropFirst(root.pathComponents.count).dropLast().contains {
        $0.hasPrefix("_") || $0.hasPrefix(".")
      }
    }
    return Array(Set(own.map { $0.resolvingSymlinksInPath() })).sorted { $0.path < $1.path }
  }

  /// Reads what is new or changed.
  ///
  /// - Parameter onProgress: called with the pages that are done, and all of them.
  /// - Throws: ``BrowsingError`` for a folder that isn't there; what the index throws.
  public func update(
    _ index: PageIndex, from folders: [String], onProgress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Report {
    var report = Report()
    let known = try index.sources()
    var seen: Set<String> = []
    var wanted: [(url: URL, size: Int, modified: Double)] = []
    for folder in folders {
      for file in try Self.files(of: folder) where seen.insert(file.absoluteString).inserted {
        let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
        let size = (facts?[.size] as? NSNumber)?.intValue ?? 0
        let modified = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        if let before = known[file.absoluteString], before.size == size, abs(before.modified - modified) < 1e-3 {
          report.unchanged += 1
        } else if size > largestFile {
          report.skipped.append("\(file.path): has \(size) bytes, more than \(largestFile)")
        } else {
          wanted.append((file, size, modified))
        }
      }
      let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath().absoluteString
      let gone = known.keys.filter { $0.hasPrefix(root.hasSuffix("/") ? root : root + "/") && !seen.contains($0) }
      try index.remove(gone)
      report.removed += gone.count
    }
    for start in stride(from: 0, to: wanted.count, by: 64) {
      let part = Array(wanted[start..<min(start + 64, wanted.count)])
      let pages = Mutex<[(place: Int, page: PageDocument?)]>([])
      let reader = reader
      DispatchQueue.concurrentPerform(iterations: part.count) { place in
        let page = (try? Data(contentsOf: part[place].url)).map { Self.document($0, part[place].url, reader) }
        pages.withLock { $0.append((place, page)) }
      }
      var read: [(url: String, size: Int, modified: Double, document: PageDocument)] = []
      for (place, page) in pages.withLock({ $0 }).sorted(by: { $0.place < $1.place }) {
        let file = part[place]
        guard let page else {
          report.skipped.append("\(file.url.path): can't be read")
          continue
        }
        read.append((file.url.absoluteString, file.size, file.modified, page))
      }
      try index.add(read)
      report.read += read.count
      onProgress(start + part.count, wanted.count)
    }
    return report
  }

  private static func document(_ data: Data, _ file: URL, _ reader: HTMLReader) -> PageDocument {
    guard ["html", "htm", "xhtml"].contains(file.pathExtension.lowercased()) else {
      let text = String(decoding: PageEncoding.utf8(data), as: UTF8.self)
      return PageDocument(
        title: file.lastPathComponent, text: text,
        blocks: text.isEmpty ? [] : [.init(kind: .paragraph, level: 0, range: 0..<text.utf8.count)])
    }
    var page = reader.read(data, base: file)
    if page.title.isEmpty { page.title = file.lastPathComponent }
    return page
  }
}
