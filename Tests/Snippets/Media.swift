/// What the snippets of `Media` take for granted.
struct MediaSnippets {
  let frame: RGBImage
}
