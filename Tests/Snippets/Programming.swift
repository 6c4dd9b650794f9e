import Sandbox

/// What the snippets of `Programming` take for granted.
struct ProgrammingSnippets {}
