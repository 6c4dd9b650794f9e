import ArgumentParser
import Documents
import Foundation

/// Turns errors into messages and exit codes; commands only throw.
extension ExitStatus {
  /// The code for an error from any room, or from the system.
  init(for error: any Error) {
    switch error {
    case let error as any UserFacingError: self = error.exitStatus
    case let error as CocoaError: self.init(for: error)
    case let error as POSIXError: self.init(errno: error.code)
    default: self = .internal
    }
  }

  private init(for error: CocoaError) {
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile, .fileReadNoPermission: self = .noInput
    case .fileReadCorruptFile, .coderReadCorrupt, .propertyListReadCorrupt: self = .badData
    default: self = .inputOutput
    }
  }

  private init(errno: POSIXErrorCode) {
    switch errno {
    case .ENOENT, .EACCES, .ENOTDIR, .EISDIR: self = .noInput
    default: self = .inputOutput
    }
  }

  /// Prints what went wrong on stderr, or a help screen on stdout, and ends the program.
  static func exit(with error: any Error) -> Never {
    let code = Apprentice.exitCode(for: error)
    if code == .success {
      print(Apprentice.fullMessage(for: error))
      Foundation.exit(EXIT_SUCCESS)
    }
    if let code = error as? ExitCode {
      Foundation.exit(code.rawValue)
    }
    if code == .validationFailure {
      Log.raw(Apprentice.fullMessage(for: error))
      Foundation.exit(ExitStatus.usage.rawValue)
    }
    Log.error(Self.message(of: error))
    Foundation.exit(ExitStatus(for: error).rawValue)
  }

  /// Foundation's error in the words of the system's, with its file.
  private static func text(of error: CocoaError) -> String {
    let information = error.userInfo
    let path = (information[NSFilePathErrorKey] as? String) ?? (information[NSURLErrorKey] as? URL)?.path
    let place = path.map { "\($0): " } ?? ""
    if let cause = information[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain {
      return place + String(cString: strerror(Int32(cause.code))).lowercased()
    }
    let problem =
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such file or folder"
      case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
      case .fileWriteOutOfSpace: "the disk is full"
      case .fileWriteFileExists: "it is there already"
      case .fileReadCorruptFile, .coderReadCorrupt, .propertyListReadCorrupt: "its content can't be read"
      default: "it can't be read or written (Foundation's error \(error.code.rawValue))"
      }
    return place + problem
  }

  private static func message(of error: any Error) -> String {
    switch error {
    case let error as any UserFacingError: error.description
    case let error as CocoaError: text(of: error)
    case let error as any CustomStringConvertible where !(type(of: error) is NSError.Type): error.description
    case let error as any LocalizedError: error.errorDescription ?? error.localizedDescription
    default: (error as NSError).localizedDescription
    }
  }
}
