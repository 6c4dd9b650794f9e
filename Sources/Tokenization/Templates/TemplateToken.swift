/// A lexical unit of a template.
struct TemplateToken: Sendable {
  enum Kind: Sendable, Equatable {
    /// Output as it is.
    case text(String)
    case blockBegin, blockEnd, variableBegin, variableEnd
    case name(String)
    case string(String)
    case int(Int)
    case double(Double)
    case symbol(String)
    case end
  }

  var kind: Kind
  var line: Int
}
