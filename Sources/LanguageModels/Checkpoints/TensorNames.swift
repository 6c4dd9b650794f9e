/// The names of a decoder's tensors in a family's files.
struct TensorNames {
  /// The beginning of all names but the head's, which some files leave out.
  var prefix: String
  var tokenEmbedding: String
  var positionEmbedding: String?
  /// The beginning of the names in a layer, # standing for its number.
  var layer: String
  /// Our name of each part of a layer and theirs: the matrices whose rows follow each other in ours.
  var parts: [String: [String]]
  /// The last norm.
  var norm: String
  /// The output embedding, without the prefix.
  var head = "lm_head"
  /// Whether files hold the transposes of linear weights (GPT-2's `Conv1D`).
  var transposesLinears = false
  /// Endings of the names of tensors that we make ourselves: masks, frequency tables.
  var ignoredSuffixes: [String] = []
}
