import ArgumentParser
import Experiments
import Feedback
import Foundation
import LanguageModels
import NeuralNetworks
import Serving
import Teaching
import Tokenization
import Torch
import Training

/// The exit codes of sysexits.h that the tool uses, and which error gives which.
///
/// This is the one place where errors become messages and codes; commands only throw.
enum ExitStatus: Int32 {
  /// The command was used wrongly.
  case usage = 64
  /// The input's content can't be used.
  case badData = 65
  /// An input isn't there or can't be opened.
  case noInput = 66
  /// Something this program did not foresee.
  case `internal` = 70
  /// Reading or writing failed.
  case inputOutput = 74

  /// The code for an error from any room.
  init(for error: any Error) {
    switch error {
    case let error as DataError:
      switch error.kind {
      case .noInput: self = .noInput
      case .badData: self = .badData
      case .inputOutput: self = .inputOutput
      }
    case let error as ConfigurationError: self = error.status
    case is RunFolderError: self = .usage
    case let error as FeedbackStoreError: self.init(for: error.kind)
    case let error as CheckpointError:
      self = FileManager.default.fileExists(atPath: error.path) ? .badData : .noInput
    case is FileReplacementError, is ListeningError: self = .inputOutput
    case is TokenizationError, is SafetensorsError, is StateDictError, is AdapterError,
      is LanguageModels.ConfigurationError, is ConstraintError, is ExperimentError:
      self = .badData
    case is InductionError: self = .badData
    case let error as TeachingDataError: self = error.isMissingInput ? .noInput : .badData
    case let error as CocoaError: self.init(for: error)
    case let error as POSIXError: self.init(errno: error.code)
    default: self = .internal
    }
  }

  private init(for kind: FeedbackStoreError.Kind) {
    switch kind {
    case .cannotOpen: self = .noInput
    case .notAStore, .fromNewerVersion, .damaged, .conflict: self = .badData
    case .readOnly, .diskFull, .busy: self = .inputOutput
    case .other: self = .internal
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

  private static func message(of error: any Error) -> String {
    switch error {
    case let error as any CustomStringConvertible: error.description
    case let error as any LocalizedError: error.errorDescription ?? error.localizedDescription
    default: (error as NSError).localizedDescription
    }
  }
}
