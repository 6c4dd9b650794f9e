public import Documents

/// An error in a safetensors file: which file, which tensor, what to do.
public struct SafetensorsError: UserFacingError, Equatable {
  /// The file or folder.
  public var file: String
  /// The tensor concerned, if the fault is one tensor's.
  public var tensor: String?
  /// The message: what is wrong.
  public var message: String

  /// A fault of `file`, or of one tensor in it.
  public init(file: String, tensor: String? = nil, message: String) {
    self.file = file
    self.tensor = tensor
    self.message = message
  }

  /// One line with all three.
  public var description: String {
    "\(file): " + (tensor.map { "tensor '\($0)': " } ?? "") + message
  }
}

/// A fault found before the file's name is at hand.
package struct SafetensorsFault: Error {
  var tensor: String?
  package var message: String

  init(_ message: String, tensor: String? = nil) {
    // A hostile name may be megabytes long or full of control characters.
    self.tensor = tensor.map { name in
      let shown = String(
        name.unicodeScalars.prefix(200).map { $0.value < 32 ? "\u{FFFD}" : $0 }
          .reduce(into: String.UnicodeScalarView()) { $0.append($1) })
      return shown.unicodeScalars.count < name.unicodeScalars.count ? shown + "…" : shown
    }
    self.message = message
  }

  func at(_ file: String) -> SafetensorsError {
    SafetensorsError(file: file, tensor: tensor, message: message)
  }
}
