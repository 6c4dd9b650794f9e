import Documents
import Foundation
import NeuralNetworks
import Tokenization
import Torch

/// A model on disk, of which one tensor at a time is read: a Hugging Face folder, a GGUF file, or either under adapters, which are
/// merged into what is read.
final class StoredModel {
  let place: URL
  let configuration: DecoderConfiguration
  let tokenizer: Tokenizer?
  /// The file, where the model comes from one.
  let gguf: GGUFFile?
  /// The folder or file under all adapters.
  let base: URL
  /// Tensors on top, such as a reward model's head, by their names.
  let extra: [String: Tensor]

  private let file: any WeightFile
  private let layout: CheckpointLayout
  /// The entries of the family's own folders, by whose names adapters' tensors go.
  private let published: [CheckpointLayout.Entry]
  private let places: [String: String]
  private let entries: [String: CheckpointLayout.Entry]
  /// Adapters by the name of our parameter, in the order in which they are merged.
  private var adapters: [String: [(rows: Range<Int>, adapter: LowRankAdapter)]] = [:]
  /// Tensors that adapters' folders have instead of the base's, by name.
  private var replacements: [String: Tensor] = [:]
  private var assembled: (name: String, tensor: Tensor)?

  /// Opens a model and checks that all of it is there.
  ///
  /// - Parameter outer: folders of further adapters to merge, one after the other.
  /// - Throws: ``CheckpointError``, `AdapterError` or a tokenizer's error, each with its path.
  init(_ place: URL, adapters outer: [URL] = []) throws {
    self.place = place
    let (base, inner) = try Checkpoint.adapterChain(from: place)
    self.base = base
    let folders = inner + outer
    let path = base.path
    if GGUFFile.isOne(base) {
      let found = try GGUFFile(base)
      (gguf, file) = (found, found)
      configuration = try Checkpoint.configuration(of: found)
      layout = try Checkpoint.layout(of: found, configuration)
    } else {
      configuration = try Checkpoint.loadConfiguration(base)
      (gguf, file) = (nil, try Checkpoint.weights(of: base))
      layout = CheckpointLayout.of(configuration)
    }
    try CheckpointLayout.checkSize(configuration, file, path: path)
    places = try layout.locate(in: file, path: path)
    entries = Dictionary(uniqueKeysWithValues: layout.entries.map { ($0.name, $0) })
    // Parts that share a tensor, as experts do in some files, aren't read one by one.
    guard Set(places.values).count == places.count,
      Set(layout.entries.flatMap { $0.parts.map(\.name) }).count == layout.entries.reduce(0, { $0 + $1.parts.count })
    else { throw StackedTensors(path: path) }
    tokenizer = try Self.tokenizer(of: folders.reversed() + [base])
    try TorchLibrary.load()
    var extra: [String: Tensor] = [:]
    for name in file.names where name.hasPrefix("score.") { extra[name] = try file.tensor(name) }
    published = CheckpointLayout.of(configuration).entries
    let names = Set(published.flatMap { $0.parts.map(\.name) })
    for folder in folders {
      for (name, tensor) in try LowRankAdapters.extraTensors(of: folder) {
        if names.contains(name) {
          replacements[name] = tensor
        } else if name.hasPrefix("score.") {
          extra[name] = tensor
        } else {
          throw CheckpointError(
            path: folder.path, message: "the model has no tensor '\(name)' that these adapters bring whole")
        }
      }
    }
    self.extra = extra
    for folder in folders { try add(try LowRankAdapters.adapters(of: folder), from: folder) }
  }

  /// The tokenizer of the first place that has one.
  private static func tokenizer(of places: [URL]) throws -> Tokenizer? {
    for place in places { if let found = try Checkpoint.optionalTokenizer(place) { return found } }
    return nil
  }

  private func add(_ found: [String: LowRankAdapter], from folder: URL) throws {
    var left = Set(found.keys)
    for entry in published where entry.shape.count == 2 {
      var row = 0
      for part in entry.parts {
        defer { row += part.rows }
        let path = String(part.name.dropLast(".weight".count))
        guard let adapter = found[path] else { continue }
        left.remove(path)
        let (needed, shape) = ([part.rows, entry.shape[1]], [adapter.up.size(0), adapter.down.size(1)])
        guard needed == shape else {
          throw AdapterError(
            description: "\(folder.path): the adapter of \(path) is for a weight \(shape), and the model's is \(needed)"
          )
        }
        adapters[entry.name, default: []].append((row..<row + part.rows, adapter))
      }
    }
    guard left.isEmpty else {
      throw CheckpointError(
        path: folder.path,
        message: "these adapters are for another model" + CheckpointError.list("; it lacks", left.sorted()))
    }
  }

  /// Whether adapters are merged into what is read.
  var isMerged: Bool { !adapters.isEmpty || !replacements.isEmpty }

  /// The type in which a parameter is stored, that of its first part.
  func storedType(of name: String) -> BlockType? {
    guard let part = entries[name]?.parts.first, let place = places[part.name] else { return nil }
    return file.storedType(of: place)
  }

  /// A part of the file that is just these rows of a parameter, as they are.
  func part(of name: String, rows: Range<Int>) -> (part: CheckpointLayout.Part, place: String)? {
    piece(of: name, rows: rows).flatMap { $0.rows == 0..<$0.part.rows ? ($0.part, $0.place) : nil }
  }

  /// The part of the file that holds these rows of a parameter as they are, and which of its own rows they are.
  private func piece(
    of name: String, rows: Range<Int>
  ) -> (part: CheckpointLayout.Part, place: String, rows: Range<Int>)? {
    guard let entry = entries[name], adapters[name] == nil, !isReplaced(name) else { return nil }
    var row = 0
    for part in entry.parts {
      if row <= rows.lowerBound, rows.upperBound <= row + part.rows, let place = places[part.name] {
        return (part, place, rows.lowerBound - row..<rows.upperBound - row)
      }
      row += part.rows
    }
    return nil
  }

  private func isReplaced(_ name: String) -> Bool {
    !replacements.isEmpty
      && published.first { $0.name == name }?.parts.contains { replacements[$0.name] != nil } == true
  }

  /// Rows of one of our parameters, adapters merged; in the type of the file where that is a plain one.
  func parameter(_ name: String, rows: Range<Int>) throws -> Tensor {
    if let (part, place, own) = piece(of: name, rows: rows) {
      guard part.storage == .plain else {
        let whole = part.storage.restored(try file.tensor(place))
        return own == 0..<part.rows ? whole : whole.slice(own)
      }
      // Of blocks only what is asked for is restored: tables are large.
      if let type = gguf?.type(of: place), type.plain == nil, let bytes = gguf?.bytes(of: place),
        let shape = gguf?.shape(of: place), shape.count == 2
      {
        let size = type.bytes(ofRow: shape[1])
        let some = UnsafeRawBufferPointer(rebasing: bytes[own.lowerBound * size..<own.upperBound * size])
        return type.restored(some, shape: [own.count, shape[1]])
      }
      let whole = try file.tensor(place)
      return own == 0..<part.rows ? whole : whole.slice(own)
    }
    let whole = try assembled(name)
    return rows == 0..<whole.size(0) ? whole : whole.slice(rows)
  }

  /// Gives the memory of what was read of a parameter back.
  func release(_ name: String) {
    for part in entries[name]?.parts ?? [] { if let place = places[part.name] { file.release(place) } }
  }

  private func assembled(_ name: String) throws -> Tensor {
    if let assembled, assembled.name == name { return assembled.tensor }
    assembled = nil
    guard let entry = entries[name] else {
      throw CheckpointError(path: place.path, message: "the model has no parameter '\(name)'")
    }
    let made = try withoutGradients {
      var pieces = try entry.parts.map { part in
        guard let place = places[part.name] else { return Tensor.empty([0]) }
        return part.storage.restored(try file.tensor(place))
      }
      if isReplaced(name), let published = published.first(where: { $0.name == name }) {
        let old = Tensor.concatenated(pieces).split(published.parts.map(\.rows))
        pieces = zip(published.parts, old).map { part, old in
          replacements[part.name].map { part.storage.restored($0.to(old.dtype)) } ?? old
        }
      }
      var whole = pieces.count == 1 ? pieces[0] : Tensor.concatenated(pieces)
      if let own = adapters[name] {
        // In float32 and row by row, as a model in memory merges them; the file's pages stay as they are.
        whole = whole.to(.float32).contiguous().clone()
        for (rows, adapter) in own {
          let target = whole.slice(rows)
          target.copyInPlace(adapter.merged(into: target))
        }
      }
      return whole
    }
    assembled = (name, made)
    return made
  }
}

/// A file whose tensors hold several of our parameters each.
struct StackedTensors: UserFacingError {
  var path: String
  var description: String {
    "\(path): experts whose matrices lie in one tensor can't be converted or merged here"
  }
}
