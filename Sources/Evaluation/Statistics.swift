// Whoever evaluates needs estimates and tests: `import Evaluation` brings `Statistics` with it.
@_exported public import Statistics
