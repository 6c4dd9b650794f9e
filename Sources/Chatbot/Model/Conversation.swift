public import Documents
import Foundation
public import PortableModels

/// A chatbot in 8 bits that is talked to in strings.
public final class Conversation {
  private let bot: SequenceChatbot

  /// Reads what ``Chatbot/compact()`` wrote.
  ///
  /// - Throws: `DataError` where the bytes are something else.
  public init(_ bytes: [UInt8], path: String = "model.bin") throws(DataError) {
    do throws(ModelProblem) { bot = try SequenceChatbot(bytes) } catch {
      let problem =
        switch error {
        case .notAModel: "this is no chatbot's file"
        case .otherVersion: "the file was written by another version of this program"
        case .damaged: "the file is damaged"
        }
      throw DataError(.badData, path: path, problem: problem, advice: "Export it anew.")
    }
  }

  /// The way in which words are drawn.
  public var draw: TokenDraw {
    get { bot.draw }
    set { bot.draw = newValue }
  }

  /// The sizes.
  public var shape: SequenceChatbot.Shape { bot.shape }

  /// Answers a question.
  ///
  /// - Parameters:
  ///   - temperature: 0 for the most probable words.
  ///   - seed: the same gives the same answer.
  ///   - onPiece: gets each word with the space before it.
  @discardableResult
  public func answer(
    _ question: String, temperature: Double = 0, seed: UInt64 = 0, onPiece: (String) -> Void = { _ in }
  ) -> String {
    bot.ask(Array(question.utf8), temperature: Float(temperature), seed: seed)
    var answer = ""
    while let piece = bot.next() {
      let text = String(decoding: piece, as: UTF8.self)
      answer += text
      onPiece(text)
    }
    return answer
  }

  /// The logits of each word of an answer, given by number, for comparison with the model in full.
  package func scores(after question: String, writing words: [Int]) -> [[Float]] {
    bot.scores(after: Array(question.utf8), writing: words)
  }
}

extension Conversation {
  /// Opens an exported `model.bin`, or a run or checkpoint.
  public convenience init(contentsOf path: String) throws { try self.init(Chatbot.compactBytes(of: path), path: path) }
}

extension ChatbotSite {
  /// The page of an exported `model.bin`, or of a run or checkpoint.
  public init(contentsOf path: String) throws { try self.init(model: Chatbot.compactBytes(of: path)) }
}

extension Chatbot {
  /// The bytes of an exported file, or those that a run's or checkpoint's model gives.
  static func compactBytes(of path: String) throws -> [UInt8] {
    let path = path.expandingHome
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      return try Chatbot(contentsOf: path).compact()
    }
    return [UInt8](try FileContents.data(of: path))
  }
}
