/// What an environment of Jinja decides for all its templates.
struct TemplateEnvironment: Sendable {
  /// What errors call a template.
  var subject: String
  /// `trim_blocks` and `lstrip_blocks`: a block tag that stands alone on its line takes the line with it.
  var trimsBlocks: Bool
  /// `keep_trailing_newline`.
  var keepsLastLineBreak: Bool
  /// `StrictUndefined`: what is undefined can be asked about and given a default, and nothing else.
  var isStrict: Bool

  /// As `transformers` renders conversations.
  static let chat = TemplateEnvironment(
    subject: "chat template", trimsBlocks: true, keepsLastLineBreak: false, isStrict: false)
  /// As evaluation harnesses render the records of a data set.
  static let text = TemplateEnvironment(
    subject: "template", trimsBlocks: false, keepsLastLineBreak: true, isStrict: true)
}
