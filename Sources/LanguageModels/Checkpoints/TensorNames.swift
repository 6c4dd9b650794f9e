/// The names of a network's tensors in a family's files.
struct TensorNames {
  /// The beginning of all names but the head's, which some files leave out.
  var prefix: String
  var tokenEmbedding: String
  var positionEmbedding: String?
  /// The beginning of the names in a layer, # standing for its number.
  var layer: String
  /// Our name of each part of a layer and theirs: the matrices whose rows follow each other in ours.
  ///
  /// `#` is an expert's number; a name of an expert's part without it is one tensor of all experts' matrices.
  var parts: [String: [String]]
  /// The last norm.
  var norm: String
  /// The output embedding, without the prefix.
  var head = "lm_head"
  /// Whether files hold the transposes of linear weights (GPT-2's `Conv1D`).
  var transposesLinears = false
  /// Endings of the names of tensors that we make ourselves: masks, frequency tables.
  var ignoredSuffixes: [String] = []
  /// What stands outside the layers besides, by our names.
  var others: [String: String] = [:]
  /// Whether tensors of all experts hold transposes, with gate and up in turns, and have no `.weight` in their names (gpt-oss).
  var alternatesExperts = false

  /// The name of a tensor outside the layers.
  func outer(_ part: String) -> [String]? {
    switch part {
    case "embed_tokens": [tokenEmbedding]
    case "embed_positions": positionEmbedding.map { [$0] }
    case "norm": [norm]
    case "lm_head": [head]
    default: others[part].map { [$0] }
    }
  }

  /// A tensor's whole name from its module's and its kind, `weight` or `bias`.
  func joined(_ path: String, _ kind: String) -> String {
    guard alternatesExperts, path.contains(".experts.") else { return "\(path).\(kind)" }
    return kind == "weight" ? path : "\(path)_\(kind)"
  }
}
