import Foundation
import Pages

/// What the snippets of `Pages` take for granted.
struct PagesSnippets {
  let url: URL
}
