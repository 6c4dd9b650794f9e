/// What the snippets of `PortableModels` take for granted.
struct PortableModelsSnippets {
  let bytes: [UInt8]
}
