public import Documents
import Foundation
import Torch

/// Tensors by name in a file of some format, read one at a time.
protocol WeightFile {
  var names: [String] { get }
  /// nil if there is no tensor of that name.
  func shape(of name: String) -> [Int]?
  /// The tensor in a floating-point type; it may lie in the mapped file.
  func tensor(_ name: String) throws -> Tensor
  /// One entry along the first axis of a tensor, where reading the whole would take more.
  func tensor(_ name: String, at index: Int) throws -> Tensor
  /// The type in which a tensor is stored; nil if there is none of that name, or the file doesn't say.
  func storedType(of name: String) -> BlockType?
  /// Gives the memory of a tensor that was copied back to the system.
  func release(_ name: String)
}

extension WeightFile {
  func tensor(_ name: String, at index: Int) throws -> Tensor { try tensor(name).select(index, axis: 0) }
  func storedType(of name: String) -> BlockType? { nil }
}

extension Safetensors: WeightFile {
  func shape(of name: String) -> [Int]? { entry(name)?.shape }
  func storedType(of name: String) -> BlockType? { entry(name).flatMap { BlockType(plain: $0.dtype) } }
}

extension CheckpointLayout {
  /// Refuses a configuration with more layers than a file has tensors, whose layout would be larger than the file.
  static func checkSize(_ c: DecoderConfiguration, _ file: any WeightFile, path: String) throws {
    guard c.layers <= file.names.count else {
      throw CheckpointError(
        path: path, message: "config.json has \(c.layers) layers and the file only \(file.names.count) tensors")
    }
  }

  /// Finds each part in a file.
  ///
  /// - Throws: ``CheckpointError`` that lists everything missing, unexpected or of another shape.
  func locate(in file: any WeightFile, path: String) throws -> [String: String] {
    var places: [String: String] = [:]
    var missing: [String] = [], wrong: [String] = []
    for entry in entries {
      for part in entry.parts {
        let short = part.name.hasPrefix(optionalPrefix) ? String(part.name.dropFirst(optionalPrefix.count)) : part.name
        guard let actual = [part.name, short].first(where: { file.shape(of: $0) != nil }) else {
          if missing.last != part.name { missing.append(part.name) }
          continue
        }
        places[part.name] = actual
        var expected = [part.rows] + entry.shape.dropFirst()
        if part.storage.isTransposed { expected.reverse() }
        if let slice = part.slice { expected.insert(slice.count, at: 0) }
        let shape = file.shape(of: actual) ?? []
        // Some files leave out that a matrix of one row is one.
        if shape != expected, [1] + shape != expected, part.slice.map({ $0.index == 0 }) ?? true {
          wrong.append("\(actual) is \(shape) where \(expected) is needed")
        }
      }
    }
    let used = Set(places.values)
    let unexpected = file.names.filter { name in
      !used.contains(name) && !ignoredPrefixes.contains { name.hasPrefix($0) }
        && !ignoredSuffixes.contains { name.hasSuffix($0) }
    }
    guard missing.isEmpty, wrong.isEmpty, unexpected.isEmpty else {
      throw CheckpointError(
        path: path,
        message: "the tensors don't fit config.json"
          + CheckpointError.list("; missing", missing) + CheckpointError.list("; unexpected", unexpected)
          + CheckpointError.list("; of the wrong shape", wrong))
    }
    return places
  }

  /// Copies a file's tensors into the parameters, one after the other: besides the model there is never more in memory
  /// than one of them.
  ///
  /// - Parameter places: what ``locate(in:path:)`` found, where somebody has asked it already.
  /// - Throws: ``CheckpointError`` that lists everything missing, unexpected or of another shape; nothing is copied then.
  func fromDisk(
    _ file: some WeightFile, into parameters: [(name: String, tensor: Tensor)], places: [String: String]? = nil,
    path: String
  ) throws {
    let places = try places ?? locate(in: file, path: path)
    let own = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor) })
    try withoutGradients {
      for entry in entries {
        guard let tensor = own[entry.name] else { continue }
        precondition(tensor.shape == entry.shape, "\(entry.name) is \(tensor.shape), not \(entry.shape)")
        var row = 0
        for part in entry.parts {
          guard let place = places[part.name] else { continue }
          let target = entry.parts.count == 1 ? tensor : tensor.slice(row..<row + part.rows)
          let stored = try part.slice.map { try file.tensor(place, at: $0.index) } ?? file.tensor(place)
          target.copyInPlace(part.storage.restored(stored))
          file.release(place)
          row += part.rows
        }
      }
    }
  }
}

extension CheckpointLayout.Storage {
  /// Our tensor from the one on disk.
  func restored(_ x: Tensor) -> Tensor {
    switch self {
    case .plain: return x
    case .transposed: return x.transposed()
    case .aroundZero: return x - 1
    case .pairs(let heads):
      let shape = x.shape
      let half = shape[0] / heads / 2
      return x.reshaped([heads, half, 2] + shape.dropFirst()).transposed(1, 2).reshaped(shape)
    case .alternating(let isTransposed):
      let rows = isTransposed ? x.transposed() : x
      let shape = rows.shape
      return rows.reshaped([shape[0] / 2, 2] + shape.dropFirst()).transposed(0, 1).reshaped(shape)
    }
  }

  /// The tensor on disk from ours, in the formats that are written.
  func stored(_ x: Tensor) -> Tensor {
    switch self {
    case .plain: return x
    case .transposed: return x.transposed()
    case .aroundZero: return x.to(.float32) + 1
    case .pairs(let heads):
      let shape = x.shape
      return x.reshaped([heads, 2, shape[0] / heads / 2] + shape.dropFirst()).transposed(1, 2).reshaped(shape)
    case .alternating(let isTransposed):
      let shape = x.shape
      let rows = x.reshaped([2, shape[0] / 2] + shape.dropFirst()).transposed(0, 1).reshaped(shape)
      return isTransposed ? rows.transposed() : rows
    }
  }
}

/// A checkpoint that can't be used: which, and why.
public struct CheckpointError: UserFacingError {
  /// The folder or file.
  public var path: String
  /// The message: what is wrong and what to do.
  public var message: String
  /// An error about `path`.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }
  /// Both.
  public var description: String { "\(path): \(message)" }

  /// Bad data, or no input where there is no such file.
  public var exitStatus: ExitStatus { FileManager.default.fileExists(atPath: path) ? .badData : .noInput }

  static func list(_ title: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return "\(title) (\(names.count)): \(names.prefix(8).map { String($0.prefix(120)) }.joined(separator: ", "))"
      + (names.count > 8 ? ", …" : "")
  }
}
