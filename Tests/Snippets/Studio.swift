import Feedback

/// What the snippets of `Studio` take for granted.
struct StudioSnippets {}
