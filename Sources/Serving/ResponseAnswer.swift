import Documents
import LanguageModels
import Tokenization

/// The items of a response while an answer comes: its reasoning, its message and its calls, in the order in which they begin.
struct ResponseAnswer: Sendable {
  /// Something that happened to an item.
  enum Change: Sendable {
    case began(Int)
    case added(Int, text: String)
    case ended(Int)
  }

  private enum Kind: Sendable {
    case reasoning, message
    case call(ChatReader.Call)

    /// OpenAI's word for it.
    var name: String {
      switch self {
      case .reasoning: "reasoning"
      case .message: "message"
      case .call: "function_call"
      }
    }
  }
  private struct Item: Sendable {
    var kind: Kind
    var id: JSONValue
    var text = ""
    var hasEnded = false
  }

  let document: ResponseDocument
  private var reader: ChatReader
  private var items: [Item] = []

  init(job: ResponseRoute.Job) {
    document = ResponseDocument(job: job)
    reader = job.reader
  }

  /// Takes text in and says what it changed; at the end, an answer that was empty is an empty message.
  mutating func read(_ text: String, isLast: Bool = false) -> [Change] {
    var changes: [Change] = []
    for part in reader.read(text, isLast: isLast) {
      switch part {
      case .reasoning(let text): add(text, .reasoning, &changes)
      case .content(let text): add(text, .message, &changes)
      case .call(let call):
        end(&changes) { $0 == "reasoning" }
        items.append(Item(kind: .call(call), id: .identifier("fc_"), text: call.call.arguments))
        changes += [.began(items.count - 1), .added(items.count - 1, text: call.call.arguments)]
        items[items.count - 1].hasEnded = true
        changes.append(.ended(items.count - 1))
      }
    }
    if isLast {
      if !items.contains(where: { $0.kind.name != "reasoning" }) { add("", .message, &changes) }
      end(&changes) { _ in true }
    }
    return changes
  }

  private mutating func add(_ text: String, _ kind: Kind, _ changes: inout [Change]) {
    var place = items.firstIndex { !$0.hasEnded && $0.kind.name == kind.name }
    if place == nil {
      end(&changes) { $0 == "reasoning" }
      items.append(Item(kind: kind, id: .identifier(kind.name == "message" ? "msg_" : "rs_")))
      place = items.count - 1
      changes.append(.began(items.count - 1))
    }
    guard let place else { return }
    items[place].text += text
    if !text.isEmpty { changes.append(.added(place, text: text)) }
  }

  private mutating func end(_ changes: inout [Change], _ isMeant: (String) -> Bool) {
    for i in items.indices where !items[i].hasEnded && isMeant(items[i].kind.name) {
      items[i].hasEnded = true
      changes.append(.ended(i))
    }
  }

  /// The kind of item, in OpenAI's words.
  func type(of index: Int) -> String { items[index].kind.name }

  func id(of index: Int) -> JSONValue { items[index].id }

  func text(of index: Int) -> String { items[index].text }

  /// The items as they stand at the end.
  var output: [JSONValue] { items.indices.map { item($0, isBegun: false) } }

  /// An item as a document: as it begins, without its text, or as it ends.
  func item(_ index: Int, isBegun: Bool) -> JSONValue {
    let item = items[index]
    let status: JSONValue = isBegun ? "in_progress" : "completed"
    switch item.kind {
    case .message:
      return [
        "id": item.id, "type": "message", "role": "assistant", "status": status,
        "content": isBegun ? [] : [document.part(item.text)],
      ]
    case .reasoning:
      return [
        "id": item.id, "type": "reasoning", "summary": [], "status": status,
        "content": isBegun ? [] : [["type": "reasoning_text", "text": .string(item.text)]],
      ]
    case .call(let call):
      return [
        "id": item.id, "type": "function_call", "call_id": .string(call.id), "name": .string(call.call.name),
        "arguments": isBegun ? "" : .string(item.text), "status": status,
      ]
    }
  }
}
