import Documents
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Reads a file or a page as a ``Book``: what it is, its bytes say first, then its name.
public enum BookReader {
  /// The most bytes of a file that are read.
  public static let mostBytes = 512 << 20

  /// Reads a file, standard input (`-`) or an address.
  ///
  /// - Throws: `DataError` that says what is wrong with it.
  public static func read(_ source: String) throws -> Book {
    if source.hasPrefix("http://") || source.hasPrefix("https://") { return try page(source) }
    let path = source.expandingHome
    let data = try FileContents.data(of: path)
    return try book(data, path: path, type: nil)
  }

  /// Understands bytes that came from somewhere.
  ///
  /// - Parameter type: the media type that came with them.
  static func book(_ data: Data, path: String, type: String?) throws -> Book {
    guard data.count <= mostBytes else {
      throw DataError(.badData, path: path, problem: "the file has more than \(mostBytes >> 20) MiB")
    }
    guard !data.isEmpty else { throw DataError(.noInput, path: path, problem: "the file is empty") }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let name = path.split(separator: "/").last.map { $0.split(separator: ".").first.map(String.init) ?? String($0) }
    if data.starts(with: Data("%PDF-".utf8)) { return try pdf(data, path: path, name: name) }
    if data.starts(with: Data("PK\u{3}\u{4}".utf8)) || ending == "epub" {
      var reader = try EPUBReader(data, path: path)
      return try reader.book()
    }
    if data.starts(with: Data("{\\rtf".utf8)) || data.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw DataError(
        .badData, path: path, problem: "this is a word processor's file",
        advice: "Save it as text, HTML or EPUB; 'pandoc' does that too.")
    }
    let head = String(decoding: data.prefix(1000).filter { $0 != 0 }, as: UTF8.self).lowercased()
    let isPage =
      ["html", "htm", "xhtml"].contains(ending) || type?.contains("html") == true || head.contains("<!doctype html")
      || head.contains("<html")
    if isPage { return try HTMLBook.read(PageText(data, contentType: type), path: path, name: name) }
    let text = try decoded(data, path: path)
    if ["md", "markdown"].contains(ending) || type == "text/markdown" { return Book(markdown: text, name: name) }
    return Book(plainText: text, name: name)
  }

  /// Text in UTF-8, in UTF-16 with a mark, or, as old files have it, in Windows-1252.
  private static func decoded(_ data: Data, path: String) throws -> String {
    if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]),
      let text = String(data: data, encoding: .utf16)
    {
      return text
    }
    if let text = String(validating: data, as: UTF8.self) { return text }
    guard !data.prefix(4096).contains(0),
      let text = String(data: data, encoding: .windowsCP1252) ?? String(data: data, encoding: .isoLatin1)
    else {
      throw DataError(
        .badData, path: path, problem: "the file is no text", advice: "Text, Markdown, HTML, EPUB and PDF are read.")
    }
    return text
  }

  private static func pdf(_ data: Data, path: String, name: String?) throws -> Book {
    // What came from standard input or an address needs a file's name for the program.
    let isFile = FileManager.default.fileExists(atPath: path)
    let place = isFile ? path : NSTemporaryDirectory() + "apprentice-\(UUID().uuidString).pdf"
    if !isFile { try data.write(to: URL(fileURLWithPath: place)) }
    defer { if !isFile { try? FileManager.default.removeItem(atPath: place) } }
    do { return Book(plainText: try PDFText.read(place), name: name) } catch {
      throw DataError(error.kind, path: path, problem: error.problem, advice: error.advice)
    }
  }

  private static func page(_ address: String) throws -> Book {
    guard let url = URL(string: address) else {
      throw DataError(.noInput, path: address, problem: "this is no address")
    }
    let (data, type) = try PageDownload(url, most: mostBytes).result()
    return try book(data, path: address, type: type)
  }
}

/// One page fetched over HTTP, of up to a limit in size.
private final class PageDownload: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let url: URL
  private let most: Int
  private let done = DispatchSemaphore(value: 0)
  // Written by the session's one delegate queue before `done` is signalled, read after.
  private var data = Data()
  private var response: HTTPURLResponse?
  private var error: (any Error)?
  private var isTooLarge = false

  init(_ url: URL, most: Int) { (self.url, self.most) = (url, most) }

  func result() throws -> (Data, String?) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    session.dataTask(with: url).resume()
    done.wait()
    session.finishTasksAndInvalidate()
    let path = url.absoluteString
    if isTooLarge { throw DataError(.badData, path: path, problem: "the page has more than \(most >> 20) MiB") }
    if let error {
      throw DataError(.noInput, path: path, problem: "can't fetch the page: \(error.localizedDescription)")
    }
    let status = response?.statusCode ?? 0
    guard (200..<300).contains(status) else {
      throw DataError(.noInput, path: path, problem: "the server answers with status \(status)")
    }
    return (data, response?.value(forHTTPHeaderField: "Content-Type")?.lowercased())
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive part: Data) {
    data += part
    if data.count > most {
      isTooLarge = true
      dataTask.cancel()
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError failure: (any Error)?) {
    (response, error) = (task.response as? HTTPURLResponse, isTooLarge ? nil : failure)
    done.signal()
  }
}
