/// What the snippets of `Documents` take for granted.
struct DocumentsSnippets {}
