import Foundation

/// An item as the text that is kept in the database.
enum FeedbackRow {
  static func content(_ item: FeedbackItem) throws -> String {
    let encoder = JSONEncoder()
    // Sorted, so that equal items are equal texts.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(item), as: UTF8.self)
  }

  static func item(_ content: String, id: String) throws -> FeedbackItem {
    do {
      return try JSONDecoder().decode(FeedbackItem.self, from: Data(content.utf8))
    } catch {
      throw FeedbackStoreError(.damaged, "item '\(id)'", "its content can't be read: \(error)")
    }
  }
}
