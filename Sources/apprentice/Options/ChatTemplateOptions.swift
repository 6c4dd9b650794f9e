import ArgumentParser

/// Another chat template than the model's own, the same in every command that writes conversations.
struct ChatTemplateOptions: ParsableArguments {
  @Option(help: .init("A Jinja file that takes the place of the model's own chat template.", valueName: "file"))
  var chatTemplate: String?
}
