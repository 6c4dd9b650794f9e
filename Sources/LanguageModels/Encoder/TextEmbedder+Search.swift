public import Documents
import Foundation

extension TextEmbedder {
  /// The texts of a file: the lines of a plain one, or a field of its records.
  ///
  /// - Parameter path: a file, or `-` for standard input.
  /// - Throws: `DataError` that names the line.
  public static func texts(of path: String, format: DataFormat? = nil, column: String = "text") throws -> [String] {
    try RecordReader(paths: [path], options: .init(format: format, textDivision: .lines)).readAll()
      .map { try $0.text(in: column) }
  }

  /// Texts by how much they are like a query, the most alike first: their numbers and the cosines of their vectors with its.
  ///
  /// - Parameters:
  ///   - prompt: the name of one of ``prompts`` for the query; the texts have the model's default.
  ///   - dimensions: as in ``embeddings(of:prompt:dimensions:onProgress:)``.
  /// - Throws: ``GenerationError``.
  public func ranking(
    of texts: [String], by query: String, prompt: String? = nil, dimensions: Int? = nil
  ) throws -> [(index: Int, score: Double)] {
    let asked = try embeddings(of: [query], prompt: prompt, dimensions: dimensions)[0]
    return try embeddings(of: texts, dimensions: dimensions).enumerated()
      .map { (index: $0, score: Self.cosine(asked, $1)) }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
  }
}
