import Sandbox

/// What the snippets of `Sandbox` take for granted.
struct SandboxSnippets {
  let programs: [SandboxedProgram]
}
