public import Documents
internal import GRDB

/// A failure of a feedback store, with advice on what to do.
public struct FeedbackStoreError: UserFacingError, Equatable {
  /// A kind of failure.
  public enum Kind: Sendable, Equatable {
    /// There is no such file, or it can't be opened.
    case cannotOpen
    /// The file is something else.
    case notAStore
    /// A newer version of the program wrote it.
    case fromNewerVersion
    /// It may be read but not written.
    case readOnly
    /// The disk is full; what was stored before is intact.
    case diskFull
    /// Another program holds it for too long.
    case busy
    /// The file is damaged.
    case damaged
    /// An item with this identifier and other content is there already.
    case conflict
    /// Anything else that the database reports.
    case other
  }

  /// The kind of failure.
  public var kind: Kind
  /// The message: what happened, where, and what to do.
  public var description: String

  /// The exit code of its kind.
  public var exitStatus: ExitStatus {
    switch kind {
    case .cannotOpen: .noInput
    case .notAStore, .fromNewerVersion, .damaged, .conflict: .badData
    case .readOnly, .diskFull, .busy: .inputOutput
    case .other: .internal
    }
  }

  init(_ kind: Kind, _ path: String, _ problem: String) {
    self.kind = kind
    description = "\(path): \(problem)"
  }

  init(_ error: any Error, path: String) {
    if let already = error as? FeedbackStoreError {
      self = already
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.other, path, "\(error)")
      return
    }
    switch error.resultCode {
    case .SQLITE_NOTADB:
      self.init(.notAStore, path, "the file is not a feedback store. Check the path.")
    case .SQLITE_READONLY, .SQLITE_PERM:
      self.init(.readOnly, path, "the store can't be written. Check the file's permissions.")
    case .SQLITE_FULL:
      self.init(
        .diskFull, path,
        "the disk is full; what was stored before is safe. Free some space and try again.")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.busy, path, "another program is writing to the store. Try again later.")
    case .SQLITE_CORRUPT:
      self.init(
        .damaged, path,
        "the store is damaged. Copy it, then try 'sqlite3 FILE .recover' or a backup.")
    case .SQLITE_CANTOPEN:
      self.init(
        .cannotOpen, path, "the store can't be opened. Check that the folder exists and is yours.")
    default:
      self.init(.other, path, error.message ?? "\(error)")
    }
  }
}
