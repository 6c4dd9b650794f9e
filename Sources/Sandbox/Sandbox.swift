import Foundation

/// A place where programs that nobody trusts run, within limits and with nothing of the machine but its compilers and interpreters.
///
/// ```swift
/// let sandbox = try Sandbox(.python)
/// let result = try sandbox.run(SandboxedProgram("def add(a, b): return a + b", tests: "assert add(2, 2) == 4"))
/// print(result.verdict)   // passed
/// ```
///
/// Covered on Linux (bubblewrap): no network, no file but the system's programs (read-only) and an empty scratch in memory, no
/// other process, no capability, a filter of system calls, limits on time, memory, processes, files and output, and an end for
/// everything that was started. Python's tests run where the program can't reach them (``PythonReferee``).
///
/// Not covered: a fault of the kernel itself; how long a program's neighbours in the processor's caches take; in languages other
/// than Python a program that searches its own file for the mark of its end and writes it. macOS's form has never been run.
public struct Sandbox: Sendable {
  /// The isolation in force.
  public let isolation: Isolation
  /// The limits in force.
  public let limits: SandboxLimits
  /// The programs' language.
  public let language: ProgrammingLanguage
  private let program: InstalledProgram
  private let limiter: InstalledProgram?

  /// A sandbox for programs of a language.
  ///
  /// - Parameter isolation: the best that this machine has unless given; ``Isolation/none`` is for those who insist.
  /// - Throws: ``SandboxError`` where the machine has no isolation or lacks the language, or a limit makes no sense.
  public init(
    _ language: ProgrammingLanguage = .python, limits: SandboxLimits = SandboxLimits(), isolation: Isolation? = nil
  ) throws(SandboxError) {
    try limits.validate()
    switch isolation {
    case Isolation.none?: self.isolation = .none
    case nil: self.isolation = try .available()
    case let wanted?:
      let found = try Isolation.available()
      guard found == wanted else {
        throw SandboxError(.unavailable, "this machine has no \(wanted.rawValue); it has \(found.rawValue)")
      }
      self.isolation = found
    }
    guard let program = InstalledProgram(anyOf: language.programs) else {
      throw SandboxError(
        .unavailable,
        "\(language.name) isn't installed: none of \(language.programs.joined(separator: ", ")) is on the path")
    }
    self.language = language
    self.limits = limits
    self.program = program
    limiter = InstalledProgram(anyOf: ["prlimit"])
  }

  /// Runs a program, with its tests if it has any, while the calling thread waits.
  ///
  /// - Throws: ``SandboxError`` where the machine fails; whatever the program does is a result.
  public func run(_ program: SandboxedProgram) throws(SandboxError) -> RunResult {
    let slot = SandboxSlot.take()
    defer { slot.giveBack() }
    let room = try WorkRoom(isolation)
    defer { room.remove() }
    let killsBefore = slot.group?.memoryKills ?? 0
    let isRefereed = program.tests != nil && language.name == ProgrammingLanguage.python.name
    let run = isRefereed ? try referee(program, room, slot) : try plain(program, room, slot)
    let end = try run.execution.run(run.command)
    if !end.wasReady, end.reason == .ended,
      let words = end.errors.split(separator: "\n").first(where: { $0.hasPrefix("bwrap:") })
    {
      throw SandboxError(.machine, "the sandbox can't be set up: \(words)")
    }
    let reading = RunReading(
      end: end, language: language, limits: limits, isOutOfMemory: (slot.group?.memoryKills ?? 0) > killsBefore)
    var result = isRefereed ? reading.refereed : reading.plain(token: run.token)
    if !program.keepsOutput { (result.output, result.errors) = ("", "") }
    return result
  }

  private struct Run {
    var command: Command
    var execution: Execution
    var token: String?
  }

  /// Seconds for the sandbox and an interpreter to come up, on a machine that has much else to do.
  private static let startSeconds = 30.0

  // MARK: Python's tests

  private func referee(_ program: SandboxedProgram, _ room: WorkRoom, _ slot: SandboxSlot) throws(SandboxError) -> Run {
    let referee = PythonReferee(
      entries: program.entryPoints, module: program.moduleName, keeps: program.keepsOutput, memory: limits.memory,
      processes: limits.processes + 2, file: limits.fileSize, files: limits.openFiles, cpu: processorSeconds)
    let words = [self.program.path] + (try referee.arguments())
    var command = try command(
      running: words, room, slot, environment: language.environment, hasProcesses: false, file: nil,
      scratchSize: limits.scratchSize)
    command.give(try TemporaryInput(Data(program.source.utf8)), as: 4)
    let preamble = program.preamble ?? ""
    command.give(
      try TemporaryInput(Data("\(preamble.utf8.count)\n\(preamble)\(program.tests ?? "")".utf8)), as: 5)
    // The referee and the tests have memory of their own, so that what the program takes can't end them.
    slot.group?.limit(memory: limits.memory + (96 << 20), processes: limits.processes + 8)
    return Run(
      command: command,
      execution: Execution(
        preparation: Self.startSeconds, seconds: limits.seconds, outputSize: limits.outputSize, group: slot.group))
  }

  // MARK: Everything else

  private func plain(_ program: SandboxedProgram, _ room: WorkRoom, _ slot: SandboxSlot) throws(SandboxError) -> Run {
    let token = "ended-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let limits = self.limits
    let name = "main.\(language.fileExtension)"
    let source = room.place(of: name)
    let text = Data(language.text(of: program, token: token).utf8)
    func filled(_ words: [String]) -> String {
      words.map { word in
        Self.quoted(
          word.replacing("{program}", with: self.program.path).replacing("{source}", with: source)
            .replacing("{binary}", with: "\(room.scratch)/program").replacing(
              "{memory}", with: "\(limits.memory >> 20)"))
      }.joined(separator: " ")
    }
    let compile = language.compile + (program.tests == nil ? [] : language.testWords)
    // The compiler's time and memory are its own; what it makes gets the program's.
    var script = language.compile.isEmpty ? "" : "\(filled(compile)) >&2 || exit 1\n"
    script += "printf 'ready\\n' >&3\n"
    let isMarked = program.tests != nil && !language.epilogue.isEmpty
    script +=
      "\(limiting) \(filled(language.run))\(isMarked ? "" : " 3>&-")\(program.keepsOutput ? "" : " >/dev/null")\n"
    let command = try command(
      running: ["/bin/sh", "-c", script], room, slot, environment: language.environment, hasProcesses: true,
      file: (name, text), scratchSize: limits.scratchSize + (language.compile.isEmpty ? 0 : 256 << 20))
    let isCompiled = !language.compile.isEmpty
    let group = slot.group
    group?.limit(
      memory: (isCompiled ? max(limits.compileMemory, limits.memory) : limits.memory) + (32 << 20),
      processes: max(isCompiled ? 256 : 0, limits.processes + 8))
    var execution = Execution(
      preparation: Self.startSeconds + (isCompiled ? limits.compileSeconds : 0), seconds: limits.seconds,
      outputSize: limits.outputSize, group: group)
    if isCompiled {
      execution.whenReady = { group?.limit(memory: limits.memory + (32 << 20), processes: limits.processes + 8) }
    }
    return Run(command: command, execution: execution, token: isMarked ? token : nil)
  }

  private var processorSeconds: Int { Int(limits.seconds.rounded(.up)) * 2 + 1 }

  /// The shell's words that limit each process and become the program.
  private var limiting: String {
    if let limiter {
      let addresses = language.limitsAddresses ? "--as=\(limits.memory) " : ""
      return "exec \(limiter.path) \(addresses)--cpu=\(processorSeconds) --nproc=\(limits.processes + 4) "
        + "--fsize=\(limits.fileSize) --nofile=\(limits.openFiles) --core=0"
    }
    return "ulimit -t \(processorSeconds) -f \(limits.fileSize / 512) -n \(limits.openFiles) -c 0\nexec"
  }

  private static func quoted(_ word: String) -> String { "'\(word.replacing("'", with: "'\\''"))'" }

  private func command(
    running words: [String], _ room: WorkRoom, _ slot: SandboxSlot, environment: [String: String], hasProcesses: Bool,
    file: (name: String, content: Data)?, scratchSize: Int
  ) throws(SandboxError) -> Command {
    let folders = (program.folder.map { [$0] } ?? []) + language.folders
    if isolation == .bubblewrap, let bubblewrap = InstalledProgram(anyOf: ["bwrap"]) {
      return try Bubblewrap(program: bubblewrap.path, slot: slot).command(
        running: words, folders: folders, environment: environment, scratchSize: scratchSize,
        hasProcesses: hasProcesses,
        file: file)
    }
    if let file { try room.write(file.content, to: file.name) }
    var command = Command()
    command.environment =
      ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(room.scratch)", "TMPDIR=\(room.scratch)"]
      + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    command.arguments =
      slot.entrance + ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", room.scratch]
      + (isolation == .seatbelt
        ? SeatbeltProfile(scratch: room.scratch, folders: folders).command(running: words) : words)
    return command
  }
}
