import Documents
import Foundation
import Sandbox

/// The names of submissions and tracks, which become names of files.
enum SubmissionName {
  static func isGood(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix("-")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

/// A submission: a folder with a manifest `submission.json` and a program in any language that speaks the protocol.
///
/// ```json
/// {"protocol": 1, "name": "mine", "run": ["python3", "agent.py"], "observations": "inline"}
/// ```
public struct Submission: Sendable, Equatable {
  /// How it gets observations.
  public enum Observations: String, Sendable, CaseIterable {
    /// In the messages.
    case inline
    /// In shared memory.
    case shared
  }

  /// The name of the manifest's file.
  public static let manifest = "submission.json"
  /// The word for this program itself at the head of `run`: agents that come with it.
  public static let ownProgram = "apprentice"

  /// Its name.
  public var name: String
  /// The program, as it is found on the path or in the folder (`./agent`), and its arguments.
  public var run: [String]
  /// How it gets observations.
  public var observations: Observations
  /// The folder.
  public var folder: String
  /// What the folder's files are, in hexadecimal digits: another submission under the same name has others.
  public var digest: String

  /// Reads a folder.
  ///
  /// - Throws: `DataError` with the line of the manifest that is wrong, or the file that can't be read.
  public init(folder: String) throws {
    let file = try StructuredFile(path: "\(folder)/\(Self.manifest)")
    let fields = try file.fields()
    try fields.allowOnly("protocol", "name", "run", "observations")
    let version = try fields.integer("protocol", in: 0...1_000)
    guard version == Competition.protocolVersion else {
      throw fields.error(
        at: "protocol", "is \(version), and this program speaks version \(Competition.protocolVersion)")
    }
    name = try fields.string("name")
    guard SubmissionName.isGood(name) else {
      throw fields.error(at: "name", "must be of letters, digits, - and _, up to 64 of them, not '\(name)'")
    }
    run = []
    for word in try fields.list("run") {
      guard let word = word.string else { throw fields.error(at: "run", "must be a list of strings") }
      run.append(word)
    }
    guard !run.isEmpty else { throw fields.error(at: "run", "must name a program") }
    let kinds = Observations.allCases.map(\.rawValue)
    observations =
      Observations(
        rawValue: try fields["observations"] == nil ? "inline" : fields.word("observations", of: kinds)) ?? .inline
    self.folder = folder
    digest = try Self.digest(of: folder)
  }

  /// The files of a folder, by their paths in it; links and what else isn't a plain file are left out.
  static func files(of folder: String) throws -> [String] {
    guard let names = FileManager.default.enumerator(atPath: folder) else {
      throw DataError(.noInput, path: folder, problem: "the folder can't be read")
    }
    var files: [String] = []
    while let name = names.nextObject() as? String {
      if names.fileAttributes?[.type] as? FileAttributeType == .typeRegular { files.append(name) }
    }
    return files.sorted()
  }

  private static func digest(of folder: String) throws -> String {
    var text = ""
    for name in try files(of: folder) {
      text += "\(name)\n\(try SHA256Digest(ofFile: "\(folder)/\(name)").hexadecimal)\n"
    }
    return SHA256Digest(of: Data(text.utf8)).hexadecimal
  }
}
