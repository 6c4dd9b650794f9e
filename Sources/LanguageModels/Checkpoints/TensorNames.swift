/// What a family's files call the tensors of a decoder.
struct TensorNames {
  /// What all names but the head's begin with, and some files leave out.
  var prefix: String
  var tokenEmbedding: String
  var positionEmbedding: String?
  /// What the names in a layer begin with, # standing for its number.
  var layer: String
  /// Our name of each part of a layer and theirs: the matrices whose rows follow each other in ours.
  var parts: [String: [String]]
  /// The last norm.
  var norm: String
  /// The output embedding, without the prefix.
  var head = "lm_head"
  /// Whether files hold the transposes of linear weights (GPT-2's `Conv1D`).
  var transposesLinears = false
  /// What a file may hold besides and we make ourselves: masks, frequency tables.
  var ignoredSuffixes: [String] = []
}
