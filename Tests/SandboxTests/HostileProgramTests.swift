import Foundation
import Sandbox
import TestSupport
import Testing

/// Programs that try to get out, to stay, or to take the machine with them.
///
/// None may; each says so by its result, and the machine is as usable after as before.
@Suite("Hostile programs", .needsSandbox, .serialized)
struct HostileProgramTests {
  /// Processes of this machine whose user is one of the sandbox's, or whose command line holds a mark.
  private func leftovers(_ mark: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.filter { $0.allSatisfy(\.isNumber) && Int32($0) != getpid() }.filter { process in
      let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
      return line.contains(mark)
    }
  }

  private var openDescriptors: Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
  }

  // MARK: What takes too much

  @Test(
    "what takes too much of something is stopped, and told apart",
    arguments: [
      ("an endless loop", "while True: pass", [RunResult.Verdict.timedOut]),
      ("sleep", "import time; time.sleep(1000)", [.timedOut]),
      (
        "no signal but the last",
        "import signal, time\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\nwhile True: time.sleep(1)",
        [.timedOut]
      ),
      ("a memory hog", "x = []\nwhile True: x.append(bytearray(1 << 20))", [.outOfMemory]),
      (
        "a hog in many processes",
        "import os\nfor i in range(8):\n  if os.fork() == 0: break\nx = []\nwhile True: x.append(b'x' * (16 << 20))",
        [.outOfMemory, .timedOut]
      ),
      (
        "a memory hog without Python's say",
        "import mmap\nm = [mmap.mmap(-1, 64 << 20) for _ in range(40)]\nfor x in m:\n  for i in range(0, len(x), 4096): x[i] = 1",
        [.outOfMemory, .error]
      ),
      ("endless output", "while True: print('x' * 1000)", [.killed]),
      ("endless complaints", "import sys\nwhile True: sys.stderr.write('x' * 1000)", [.killed]),
      ("a huge file", "f = open('/tmp/f', 'wb')\nwhile True: f.write(b'x' * (1 << 20))", [.error, .killed]),
      (
        "many files", "i = 0\nwhile True:\n  open(f'/tmp/{i}', 'wb').write(b'x' * (1 << 20)); i += 1",
        [.error, .outOfMemory]
      ),
      (
        "many empty files", "i = 0\nwhile True:\n  open(f'/tmp/{i}', 'w').close(); i += 1",
        [.error, .timedOut, .outOfMemory]
      ),
      ("a fork bomb", "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", [.timedOut, .outOfMemory]),
      (
        "a thread bomb", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()",
        [.error, .timedOut]
      ),
      ("many open files", "x = []\nwhile True: x.append(open('/dev/null'))", [.error]),
      (
        "closed descriptors",
        "import os, time\nfor i in range(256):\n  try: os.close(i)\n  except OSError: pass\nwhile True: time.sleep(1)",
        [.timedOut]
      ),
      (
        "deep recursion in C", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
        [.error, .outOfMemory, .timedOut, .killed]
      ),
      ("a signal to itself", "import os; os.kill(os.getpid(), 9)", [.killed]),
    ])
  func limits(_ attack: (name: String, source: String, verdicts: [RunResult.Verdict])) throws {
    // Where time isn't what runs out, a machine full of other tests may take as long as it likes to get there.
    let seconds = attack.verdicts.contains(.timedOut) ? 1.0 : 60
    let result = try run(attack.source) {
      $0.seconds = seconds
      $0.memory = 256 << 20
    }
    #expect(attack.verdicts.contains(result.verdict), "\(attack.name): \(result)")
    #expect(!result.detail.isEmpty && result.output.utf8.count <= 1 << 20 && result.errors.utf8.count <= 1 << 20)
    #expect(leftovers("/box/main.py").isEmpty, "\(attack.name)")
    // The next program finds everything as ever.
    #expect(try run("print(6 * 7)").output == "42\n")
  }

  @Test("runs leave no descriptor open, whatever other tests open meanwhile")
  func descriptors() throws {
    let before = openDescriptors
    for _ in 0..<60 {
      // Descriptors are the matter here, not how long a machine full of other tests takes to start sixty interpreters.
      let result = try run("print(1)") { $0.seconds = 60 }
      #expect(result.output == "1\n", "\(result)")
    }
    #expect(openDescriptors - before < 60)
  }

  @Test("the same with tests: the program's limits, not the referee's")
  func refereedLimits() throws {
    for (body, verdict) in [
      ("while True: pass", RunResult.Verdict.timedOut), ("x = [0] * 10**9", .outOfMemory),
      ("import os\n  os.kill(os.getpid(), 9)", .killed), ("import os\n  os.abort()", .error),
    ] {
      let result = try run("def f():\n  \(body)\n  return 1", tests: "assert f() == 1") {
        $0.seconds = verdict == .timedOut ? 1 : 60
        $0.memory = 256 << 20
      }
      #expect(result.verdict == verdict, "\(body): \(result)")
    }
  }

  @Test("children that outlive their parent are gone with it")
  func orphans() throws {
    let started = Date()
    let result = try run(
      """
      import os, subprocess, sys
      if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
          os.execv("/usr/bin/sleep", ["sleep", "987654"])
        os._exit(0)
      subprocess.Popen(["/usr/bin/sleep", "987654"], start_new_session=True, close_fds=False)
      print("parent ends")
      """)
    #expect(result.isPassed && result.output == "parent ends\n", "\(result)")
    #expect(Date().timeIntervalSince(started) < 60)
    #expect(leftovers("987654").isEmpty)
  }

  // MARK: What reaches out

  /// Runs a program whose last line says whether it got through, and returns the line.
  private func attempt(_ source: String, in language: ProgrammingLanguage = .python) throws -> String {
    let result = try run(source, in: language)
    return result.output.split(separator: "\n").last.map(String.init) ?? "\(result.verdict): \(result.detail)"
  }

  private static let helpers = """
    import os, sys, errno
    def tries(things, action):
      through = []
      for thing in things:
        try:
          action(thing)
          through.append(thing)
        except BaseException as e:
          pass
      print("through:", through)

    """

  @Test("nothing outside the scratch can be written to")
  func writes() throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o777)
    let line = try attempt(
      Self.helpers + """
        places = ["/x", "/usr/x", "/box/x", "/box/main.py", "/dev/x", "/dev/shm/x", "/lib/x", "/bin/x", "/proc/x", "/proc/sys/kernel/hostname",
          "/etc/x", "/root/x", "/home/x", "/var/tmp/x", "/run/x", "/sys/x", "/tmp/../x", "\(folder.path)/x"]
        tries(places, lambda p: open(p, "w").write("x"))
        """)
    #expect(line == "through: []")
    #expect(folder.contents.isEmpty)
    #expect(try attempt("open('/tmp/x', 'w').write('x'); print(open('/tmp/x').read())") == "x")
    // The scratch is empty each time.
    #expect(try attempt("import os; print(os.listdir('/tmp'))") == "[]")
  }

  @Test("the home folder, accounts, settings and other processes can't be read")
  func reads() throws {
    let folder = try TemporaryFolder()
    try folder.write("secret", "secret")
    chmod(folder.path, 0o755)
    let line = try attempt(
      Self.helpers + """
        places = ["\(NSHomeDirectory())", "/root", "/home", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/var", "/run", "/sys", "/boot",
          "\(folder.path)/secret", "/proc/\(getpid())/environ", "/proc/\(getpid())/mem", "/proc/kcore", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda"]
        tries(places, lambda p: os.listdir(p) if os.path.isdir(p) else open(p, "rb").read(1))
        """)
    #expect(line == "through: []")
    // /proc shows the sandbox's own processes: its first, the shell that became the program, and nothing else.
    let processes = try attempt("import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit())[-1] < 10)")
    #expect(processes == "True")
    #expect(!(try attempt("print(open('/proc/1/environ').read().replace(chr(0), ' '))")).contains("USER"))
    // The environment is the sandbox's.
    #expect(
      try attempt("import os; print('SHELL' in os.environ or 'USER' in os.environ, os.environ['HOME'])") == "False /tmp"
    )
  }

  @Test("links and the paths of what is open lead nowhere else")
  func links() throws {
    let folder = try TemporaryFolder()
    try folder.write("secret", "secret")
    let line = try attempt(
      Self.helpers + """
        def follow(target):
          name = "/tmp/link%d" % len(os.listdir("/tmp"))
          os.symlink(target, name)
          return open(name, "rb").read(1) if not os.path.isdir(name) else os.listdir(name)[0]
        tries(["\(folder.path)/secret", "/proc/1/root/root", "/proc/1/cwd/root", "/proc/self/root/etc/passwd", "/root"], follow)
        """)
    #expect(line == "through: []")
    #expect(try attempt(Self.helpers + "tries(['/usr/bin/true'], lambda p: os.link(p, '/tmp/x'))") == "through: []")
    #expect(
      try attempt(Self.helpers + "tries([0], lambda p: os.mknod('/tmp/sda', 0o60600, os.makedev(8, 0)))")
        == "through: []")
  }

  @Test("no network, no sockets, abstract ones neither")
  func network() throws {
    let port = Port.free()
    // A listener of ours, so that a way out would be a way somewhere.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(bound == 0 && listen(listener, 4) == 0)
    let line = try attempt(
      Self.helpers + """
        import socket
        def reach(kind):
          if kind == "loopback": return socket.create_connection(("127.0.0.1", \(port)), 1)
          if kind == "name": return socket.gethostbyname("localhost.localdomain")
          if kind == "abstract": return socket.socket(socket.AF_UNIX).connect("\\0x")
          if kind == "unix": return socket.socket(socket.AF_UNIX)
          if kind == "udp": return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", \(port)))
          if kind == "raw": return socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
          if kind == "netlink": return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
          if kind == "vsock": return socket.socket(40, socket.SOCK_STREAM)
          if kind == "packet": return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        tries(["loopback", "abstract", "unix", "udp", "raw", "netlink", "vsock", "packet"], reach)
        """)
    #expect(line == "through: []")
    // Pairs of connected sockets reach nobody else, and event loops need them.
    #expect(try attempt("import asyncio\nasync def f(): return 5\nprint(asyncio.run(f()))") == "5")
  }

  @Test("processes outside can't be signalled or traced, and the kernel's doors are shut")
  func systemCalls() throws {
    let line = try attempt(
      Self.helpers + """
        import ctypes, signal
        c = ctypes.CDLL(None, use_errno=True)
        def call(item):
          name, arguments = item[0], item[1:]
          if c[name](*arguments) < 0: raise OSError(ctypes.get_errno(), name)
        def number(item):
          if c.syscall(*item[1:]) < 0: raise OSError(ctypes.get_errno(), item[0])
        tries([("ptrace", 0, 0, 0, 0), ("ptrace", 16, 1, 0, 0), ("mount", b"none", b"/tmp", b"tmpfs", 0, 0), ("umount2", b"/tmp", 2),
          ("unshare", 0x10000000), ("unshare", 0x20000), ("setns", 0, 0), ("chroot", b"/tmp"), ("pivot_root", b"/tmp", b"/tmp"),
          ("sethostname", b"x", 1), ("setuid", 0), ("setgid", 0), ("reboot", 0), ("swapoff", b"/x"), ("personality", 0x40000),
          ("klogctl", 3, b"x" * 9, 8), ("process_vm_readv", 1, 0, 0, 0, 0, 0), ("name_to_handle_at", -100, b"/", 0, 0, 0)], call)
        """)
    #expect(line == "through: []")
    #if arch(x86_64)
      let numbers = try attempt(
        Self.helpers + """
          import ctypes
          c = ctypes.CDLL(None, use_errno=True)
          def number(item):
            if c.syscall(*item) < 0: raise OSError(ctypes.get_errno(), "x")
          # bpf, perf_event_open, userfaultfd, io_uring_setup, keyctl, add_key, clone of a user namespace, clone3, fsopen,
          # open_tree, pidfd_open and, by the 32-bit face, socket
          tries([(321, 0, 0, 0), (298, 0, 0, 0, 0, 0), (323, 0), (425, 1, 0), (250, 0, 0), (248, 0, 0, 0, 0, 0), (56, 0x10000011, 0, 0, 0, 0),
            (435, 0, 0), (430, b"tmpfs", 0), (428, -100, b"/", 0), (434, 1, 0), (0x40000029, 2, 1, 0)], number)
          """)
      #expect(numbers == "through: []")
    #endif
    let signals = try attempt(
      Self.helpers + "tries([\(getpid()), \(getppid()), -\(getpgrp())], lambda p: os.kill(p, 9))")
    #expect(signals == "through: []")
    #expect(
      try attempt(
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp:'))])"
      )
        == "['0000000000000000', '0000000000000000', '1', '2']")
    let clock = try attempt(
      Self.helpers + "import time\ntries([0], lambda _: time.clock_settime(time.CLOCK_REALTIME, 0))")
    #expect(clock == "through: []")
  }

  @Test("killing all that can be seen ends the program and nothing else")
  func killAll() throws {
    let result = try run("import os; os.kill(-1, 9); import time; time.sleep(100)") { $0.seconds = 2 }
    #expect(!result.isPassed)
    #expect(try run("print(1)").isPassed)
  }

  @Test("descriptors that this process has open are not there")
  func inheritedDescriptors() throws {
    let folder = try TemporaryFolder()
    let file = open(try folder.write("secret", "secret"), O_RDWR)
    // One that is passed on to children, as a careless library leaves it, and one under a low number's neighbour.
    let second = fcntl(file, F_DUPFD, 7)
    defer {
      close(file)
      close(second)
    }
    let list = try attempt("import os; print(sorted(int(f) for f in os.listdir('/proc/self/fd'))[:-1])")
    #expect(list == "[0, 1, 2]")
    // With tests the program has its own ends of two pipes besides.
    let own = try run(
      """
      import os
      def descriptors():
        found = []
        for i in range(256):
          try: found.append((i, os.fstat(i).st_mode & 0o170000 == 0o010000))
          except OSError: pass
        return found
      """, tests: "found = descriptors()\nassert len(found) == 5, found")
    #expect(own.isPassed, "\(own)")
  }

  @Test("a compiler is as much inside as what it makes", .needsSandbox(for: .c))
  func compiler() throws {
    let included = try run("#include \"/etc/passwd\"\nint main(void) { return 0; }", in: .c)
    #expect(included.verdict == .error && included.detail.contains("passwd"), "\(included)")
    let written = try run("int main(void) { return 0; }\n#pragma GCC dependency \"/root\"\n", in: .c)
    #expect(written.verdict == .error || written.isPassed)
    let forked = try run("#include <unistd.h>\nint main(void) { for (;;) fork(); }", in: .c) { $0.seconds = 1 }
    #expect(forked.verdict == .timedOut, "\(forked)")
    let bomb = try run("char a[1u << 31] = {1};\nchar b[1u << 31] = {1};\nint main(void) { return a[5]; }", in: .c) {
      $0.compileSeconds = 10
      $0.compileMemory = 256 << 20
    }
    #expect([.error, .outOfMemory].contains(bomb.verdict), "\(bomb)")
  }
}
