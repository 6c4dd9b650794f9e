import Competition
import Foundation
import TestSupport
import Testing

/// Submissions that cheat, break or take too much: none gets a score by it, and the evaluation goes on.
@Suite("Cheating", .needsSandbox, .serialized)
struct CheatingTests {
  private static let honest = """
    from competition_client import Client
    client = Client()
    while not client.over: client.step([4] * client.environments)
    client.rollout()
    while not client.over: client.step([4] * client.environments)
    """

  /// A cheat that is found out: what it does, what is said of it.
  struct Cheat: Sendable, CustomTestStringConvertible {
    var name: String
    var words: String
    var program: String
    var testDescription: String { name }
  }

  private static let start = "from competition_client import *\nimport os, struct, sys, time, json\n"
  private static let cheats = [
    Cheat(
      name: "early-reset", words: "an early reset",
      program: "client = Client()\nclient.step([4, 4])\nclient._ask(19, b'')"),
    Cheat(
      name: "early-reset-in-rollout", words: "an early reset",
      program: "client = Client()\nclient.rollout()\nclient.step([4, 4])\nclient._ask(19, b'')"),
    Cheat(
      name: "extra-steps", words: "after its training was over",
      program: "client = Client()\nwhile True: client.step([4, 4])"),
    Cheat(
      name: "two-at-once", words: "before its turn",
      program: """
        client = Client()
        os.write(3, 2 * (struct.pack('<II', 17, 2) + bytes([4, 4])))
        client._receive(); client._receive(); client._receive()
        """),
    Cheat(
      name: "before-the-terms", words: "of kind 17",
      program: "os.write(3, struct.pack('<II', 17, 2) + bytes([4, 4]))\ntime.sleep(1)\nclient = Client()"),
    Cheat(
      name: "forged-score", words: "kind 2,",
      program: """
        client = Client()
        print(json.dumps({"status": "scored", "returns": [1000.0, 1000.0]}))
        os.write(3, struct.pack('<II', 2, 4) + struct.pack('<f', 1000.0))
        client._receive()
        """),
    Cheat(name: "wrong-action", words: "the action 15", program: "client = Client()\nclient.step([4, 15])"),
    Cheat(name: "wrong-count", words: "3 actions for 2", program: "client = Client()\nclient.step([4, 4, 4])"),
    Cheat(
      name: "long-message", words: "4294967295 bytes",
      program: "client = Client()\nos.write(3, struct.pack('<II', 17, 0xffffffff))\nclient._receive()"),
    Cheat(
      name: "four-gigabytes-of-log", words: "more than 1 MiB",
      program: "client = Client()\nfor i in range(4096): sys.stdout.write('x' * (1 << 20))\nclient.rollout()"),
    Cheat(
      name: "four-gigabytes-of-file", words: "ended",
      program: """
        client = Client()
        with open('/tmp/big', 'wb') as f:
            for i in range(4096): f.write(b'x' * (1 << 20))
        client.rollout()
        """),
    Cheat(
      name: "four-gigabytes-of-memory", words: "memory",
      program: "client = Client()\nx = []\nwhile True: x.append(b'x' * (16 << 20))"),
    Cheat(name: "crash", words: "ValueError: broken", program: "client = Client()\nraise ValueError('broken')"),
    Cheat(name: "gone", words: "ended with status 0", program: "client = Client()\nsys.exit(0)"),
    Cheat(
      name: "other-version", words: "doesn't say",
      program:
        "kind, length = struct.unpack('<II', os.read(4, 8))\nos.write(3, struct.pack('<II', 16, 2) + b'{}')\ntime.sleep(5)"
    ),
  ]

  @Test("what breaks the rules or the limits gets no score, and is told why", arguments: cheats)
  func foundOut(_ cheat: Cheat) throws {
    let small = try SmallFolder()
    try small.submit(cheat.name, Self.start + cheat.program)
    let result = try #require(try small.evaluate()[cheat.name])
    #expect(result.status == .failed && result.returns.isEmpty)
    #expect(result.reason?.contains(cheat.words) == true, "\(result.reason ?? "scored")")
  }

  @Test("a submission that says nothing is waited for as long as it has, and the next one is scored")
  func silence() throws {
    let small = try SmallFolder(
      SmallFolder.description.replacing("training_seconds: 20", with: "training_seconds: 0.5"))
    try small.submit("a-silent", "from competition_client import *\nimport time\nclient = Client()\ntime.sleep(1000)")
    try small.submit("b-honest", Self.honest)
    let results = try small.evaluate()
    #expect(results["a-silent"]?.status == .failed)
    #expect(results["a-silent"]?.reason?.contains("within its time") == true)
    #expect(results["b-honest"]?.status == .scored)
  }

  @Test("seeds, levels, other submissions, the evaluator's memory and the network are out of sight")
  func sight() throws {
    let small = try SmallFolder()
    try small.submit("other", Self.honest)
    let place = small.folder.path
    try small.submit(
      "spy",
      """
      from competition_client import Client
      import os, socket
      client = Client()
      def attempt(what, action):
          try: print(what, "WORKED", str(action())[:200])
          except Exception as error: print(what, "failed")
      attempt("secret", lambda: open("\(place)/secret").read())
      attempt("description", lambda: open("\(place)/competition.yaml").read())
      attempt("results", lambda: os.listdir("\(place)/results"))
      attempt("other", lambda: os.listdir("\(place)/submissions"))
      attempt("own folder", lambda: open("/submission/new", "w"))
      attempt("memory", lambda: open("/proc/\(getpid())/mem", "rb").read(1))
      attempt("parent", lambda: open(f"/proc/{os.getppid()}/environ", "rb").read(1) and 1/0)
      attempt("network", lambda: socket.create_connection(("127.0.0.1", 80), 1))
      attempt("unix socket", lambda: socket.socket(socket.AF_UNIX))
      print("processes", sorted(p for p in os.listdir("/proc") if p.isdigit())[-1])
      print("descriptors", sorted(int(d) for d in os.listdir("/proc/self/fd"))[:-1])
      print("terms", " ".join(sorted(client.terms)))
      client.rollout()
      while not client.over: client.step([4, 4])
      """)
    #expect(try small.evaluate()["spy"]?.status == .scored)
    let log = try small.log(of: "spy")
    #expect(!log.contains("WORKED"), "\(log)")
    #expect(log.contains("secret failed") && log.contains("unix socket failed"))
    #expect(log.contains("descriptors [0, 1, 2, 3, 4]"), "\(log)")
    // Neither the game's name nor a level's seed is among what it is told.
    #expect(
      log.contains(
        "terms actions environments observation observations protocol rollout_episodes rollout_seconds seed training_seconds training_steps"
      ), "\(log)")
  }

  @Test("shared memory can be read and not written")
  func sharedMemory() throws {
    let small = try SmallFolder()
    try small.submit(
      "scribbler",
      """
      from competition_client import Client
      import mmap, os
      client = Client()
      try: mmap.mmap(5, client.size, prot=mmap.PROT_READ | mmap.PROT_WRITE)
      except PermissionError: print("not mapped for writing")
      try: os.pwrite(5, b"x", 0)
      except OSError: print("not written")
      client.rollout()
      while not client.over: client.step([4, 4])
      """, observations: "shared")
    #expect(try small.evaluate()["scribbler"]?.status == .scored)
    #expect(try small.log(of: "scribbler") == "not mapped for writing\nnot written\n")
  }

  @Test("rewards of the scored episodes are told to nobody, and the clock is the evaluator's")
  func scores() throws {
    let small = try SmallFolder()
    try small.submit(
      "counter",
      """
      from competition_client import Client
      import time
      client = Client()
      # Time that was only claimed to have passed changes nothing: clocks can't be set.
      try: time.clock_settime(time.CLOCK_REALTIME, 0)
      except (PermissionError, OSError): print("clock stays")
      client.rollout()
      total, seen = 0, 0
      while not client.over:
          client.step([4, 4])
          total += sum(map(abs, client.rewards)); seen += 1
      print("rewards", total, "steps", seen > 10)
      """)
    let result = try #require(try small.evaluate()["counter"])
    #expect(try small.log(of: "counter") == "clock stays\nrewards 0.0 steps True\n")
    // Whoever glides straight down passes some gates, or meets a tree.
    #expect(result.status == .scored && result.returns.count == 2 && result.lengths.allSatisfy { $0 > 10 })
    #expect(result.returns.contains { $0 > 0 })
  }

  @Test("a child that goes on after the end is ended with its parent")
  func survivor() throws {
    let small = try SmallFolder()
    let mark = "survivor-\(UUID().uuidString)"
    try small.submit(
      "parent",
      """
      import os, subprocess, sys
      child = subprocess.Popen([sys.executable, "-c", "import time\\nwhile True: time.sleep(0.1)", "\(mark)"], start_new_session=True)
      from competition_client import Client
      client = Client()
      client.rollout()
      while not client.over: client.step([4, 4])
      os._exit(0)
      """)
    #expect(try small.evaluate()["parent"]?.status == .scored)
    let left = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { process in
      process.allSatisfy(\.isNumber)
        && ((try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? "").contains(mark)
    }
    #expect(left.isEmpty)
  }

  @Test("who remembers training levels meets none of them in the test")
  func memory() throws {
    let small = try SmallFolder()
    try small.submit(
      "memory",
      """
      from competition_client import Client
      client = Client()
      size = client.size // client.environments
      def pictures(): return [hash(bytes(client.observations[i * size:(i + 1) * size])) for i in range(client.environments)]
      known = set(pictures())
      while not client.over:
          client.step([7, 1])
          for i, picture in enumerate(pictures()):
              if client.ends[i]: known.add(picture)
      client.rollout()
      met = sum(picture in known for picture in pictures())
      while not client.over:
          client.step([7, 1])
          met += sum(picture in known for i, picture in enumerate(pictures()) if client.ends[i])
      print("met", met)
      """)
    #expect(try small.evaluate()["memory"]?.status == .scored)
    #expect(try small.log(of: "memory") == "met 0\n")
  }
}
