extension PythonReferee {
  /// The program's process, the tests' names, and the verdict.
  static let judgement = #"""
    def refresh(old, new):
        """Makes a container of the tests hold what the program has put into its copy."""
        if type(old) is list and type(new) is list:
            if len(old) == len(new):
                for i, value in enumerate(new):
                    if type(old[i]) is type(value) and type(value) in (list, dict, set, tuple, bytearray):
                        refresh(old[i], value)
                    else:
                        old[i] = value
            else:
                old[:] = new
        elif type(old) is tuple and type(new) is tuple:
            for a, b in zip(old, new):
                refresh(a, b)
        elif type(old) is type(new) and type(old) in (dict, set):
            old.clear()
            old.update(new)
        elif type(old) is bytearray and type(new) is bytearray:
            old[:] = new


    class NoInput(io.StringIO):
        """Standard input of a program under tests: whoever reads it gets an error, as from HumanEval's own evaluator."""

        def refuse(self, *_):
            raise OSError("there is no input")

        read = readline = readlines = refuse

        def readable(self):
            return False


    def program_side(source, peer):
        """Runs the program, then answers for it."""
        if not config["keeps"]:
            null = os.open("/dev/null", os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
        for limit, value in (
            (resource.RLIMIT_AS, config["memory"]), (resource.RLIMIT_NPROC, config["processes"]),
            (resource.RLIMIT_FSIZE, config["file"]), (resource.RLIMIT_NOFILE, config["files"]),
            (resource.RLIMIT_CPU, config["cpu"]), (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(limit, (value, value))
        sys.stdin = NoInput()
        module = type(sys)("solution")
        peer.module = sys.modules["solution"] = sys.modules["__main__"] = module
        try:
            exec(compile(source, "solution", "exec", dont_inherit=True), module.__dict__)
        except BaseException as error:
            peer.send([2, *peer.describe(error)])
            sys.stdout.flush()
            os._exit(1)
        peer.send([1, None])
        while True:
            message = peer.receive()
            peer.answer(message[1], message[2:])


    class Names(dict):
        """The names of the tests; what they don't define themselves is the program's."""

        def __missing__(self, name):
            if hasattr(builtins, name) and name not in config["entries"] or name.startswith("__"):
                raise KeyError(name)
            value = find(name)
            if type(value) is Reference:
                self[name] = value
            return value


    def find(name):
        try:
            return peer.ask("name", name)
        except KeyError:
            raise KeyError(name) from None


    class Program(type(sys)):
        """The program, for tests that import it."""

        def __getattr__(self, name):
            if name.startswith("__") and name != "__all__":
                raise AttributeError(name)
            try:
                return find(name)
            except KeyError:
                raise AttributeError(f"the program has no {name}") from None


    def shown(value):
        text = repr(value)
        return text if len(text) <= 200 else text[:200] + "…"


    def verdict_of(error, lines):
        """What an exception means, and where in the tests it was met."""
        line, trace = None, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "tests":
                line = trace.tb_lineno
            trace = trace.tb_next
        text = getattr(error, "program_text", None)
        text = str(error) if text is None else text
        name = type(error).__name__
        detail = name + (f": {text}" if text else "")
        if line is not None and 0 < line <= len(lines):
            detail += f" at line {line} of the tests: {lines[line - 1].strip()}"
        if getattr(error, "program_line", None) is not None:
            detail += f" (line {error.program_line} of the program)"
        if isinstance(error, MemoryError):
            return "out of memory", detail, text
        is_own = isinstance(error, AssertionError) and not hasattr(error, "program_text")
        if is_own and peer.last is not None:
            given = ", ".join(map(shown, peer.last[1]))
            detail += f" (the last call{', of ' + given + ',' if given else ''} gave {shown(peer.last[2])})"
        return ("failed" if isinstance(error, AssertionError) else "error"), detail, text


    def run_tests(names, tests):
        """The tests' own text, and then what test runners would find in it."""
        names["__name__"] = "__main__"
        if "unittest" in tests:
            import unittest
            unittest.main = lambda *_, **__: None
        exec(compile(tests, "tests", "exec", dont_inherit=True), names)
        if "unittest" in sys.modules:
            import unittest
            for value in list(names.values()):
                if isinstance(value, type) and issubclass(value, unittest.TestCase) and value.__module__ == "__main__":
                    unittest.defaultTestLoader.loadTestsFromTestCase(value).debug()
        for name, value in list(names.items()):
            if name.startswith("test_") and type(value) is type(run_tests):
                value()


    def ending(child):
        """How the program ended that no longer answers."""
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number == 24:
                return "timed out", "it used up its time of the processor", ""
            return ("killed" if number in (9, 15) else "error"), f"the program was ended by signal {number}", ""
        return "error", f"the program ended with status {os.WEXITSTATUS(status)} before its tests did", ""


    garbled = ("error", "the program has written into its conversation with the tests", "")


    def judge(child, text):
        """The verdict on the program by its tests."""
        size, _, text = text.partition(b"\n")
        preamble, tests = text[:int(size)].decode(), text[int(size):].decode()
        lines = tests.splitlines()
        try:
            first = peer.receive()
            if first[0] == 2:
                error = peer.rebuilt(*first[1:6])
                where = f" (line {error.program_line})" if error.program_line is not None else ""
                kind = "out of memory" if isinstance(error, MemoryError) else "error"
                return kind, f"{type(error).__name__}: {error.program_text}{where}", error.program_text
            names = Names()
            names["__builtins__"] = builtins
            if preamble:
                try:
                    exec(compile(preamble, "preamble", "exec", dont_inherit=True), names)
                except Exception:
                    pass
                for entry in config["entries"]:
                    names.pop(entry, None)
            for module in {"solution", config.get("module") or "solution"}:
                sys.modules[module] = Program(module)
            run_tests(names, tests)
            peer.ask("flush")
            return "passed", "", ""
        except Gone:
            return ending(child)
        except Garbled:
            return garbled
        except BaseException as error:
            verdict = verdict_of(error, lines)
            try:
                peer.ask("flush")
                return verdict
            except Gone:
                return ending(child)
            except Garbled:
                return garbled


    if __name__ == "__main__":
        source = whole(4)
        (a, b), (c, d) = os.pipe(), os.pipe()
        os.write(3, b"ready\n")
        child = os.fork()
        if child == 0:
            for descriptor in (3, 5, a, d):
                os.close(descriptor)
            peer = Peer(c, b, False)
            try:
                program_side(source, peer)
            finally:
                os._exit(0)
        os.close(b)
        os.close(c)
        peer = Peer(a, d, True)
        try:
            verdict, detail, text = judge(child, whole(5))
        except BaseException as error:
            verdict, detail, text = "error", f"{type(error).__name__} in the referee: {error}", ""
        report = json.dumps({"verdict": verdict, "detail": detail[:4000], "text": text[:4000]})
        data = report.encode() + b"\n"
        while data:
            data = data[os.write(3, data):]
        os._exit(0)

    """#
}
