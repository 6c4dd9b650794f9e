extension PythonReferee {
  /// One side of the conversation: its values as JSON and back.
  static let peer = #"""
    class Peer:
        """One side of the conversation: it asks, and answers what it is asked meanwhile."""

        def __init__(self, reading, writing, is_referee):
            self.reading = os.fdopen(reading, "rb", 1 << 16)
            self.writing = writing
            self.is_referee = is_referee
            self.held, self.numbers, self.references, self.classes = [], {}, {}, {}
            self.module = None
            self.last = None

        def send(self, message):
            data = json.dumps(message).encode() + b"\n"
            try:
                while data:
                    data = data[os.write(self.writing, data):]
            except BrokenPipeError:
                raise Gone from None

        def receive(self):
            line = self.reading.readline()
            if not line.endswith(b"\n"):
                raise Gone
            try:
                message = json.loads(line)
                if type(message) is list and len(message) >= {0: 2, 1: 2, 2: 6}[message[0]]:
                    return message
            except (ValueError, LookupError, TypeError, RecursionError):
                pass
            raise Garbled

        # Values

        def pack(self, value):
            kind = type(value)
            if kind is int and not -(1 << 62) < value < 1 << 62:
                return ["i", hex(value)]
            if kind in PLAIN:
                return value
            if kind is list and set(map(type, value)) <= SIMPLE:
                return ["l", *value]
            if isinstance(value, list):
                return ["l", *map(self.pack, list.__iter__(value))]
            if isinstance(value, tuple):
                return ["t", *map(self.pack, tuple.__iter__(value))]
            if isinstance(value, dict):
                return ["d", *([self.pack(k), self.pack(v)] for k, v in dict.items(value))]
            if isinstance(value, (set, frozenset)):
                name = "s" if isinstance(value, set) else "f"
                return [name, *map(self.pack, (set if name == "s" else frozenset).__iter__(value))]
            if isinstance(value, int):
                return self.pack(int.__add__(value, 0))
            if isinstance(value, float):
                return float.__add__(value, 0.0)
            if isinstance(value, str):
                return str.__str__(value) if type(str.__str__(value)) is str else "".join(str.__iter__(value))
            if isinstance(value, (bytes, bytearray)):
                kind = bytearray if isinstance(value, bytearray) else bytes
                return ["y" if kind is bytearray else "b", kind.hex(value)]
            if isinstance(value, complex):
                return ["c", value.real, value.imag]
            if kind is range:
                return ["r", *map(self.pack, (value.start, value.stop, value.step))]
            if kind is Reference and value._peer is self:
                return ["yours", value._number]
            if value is Ellipsis:
                return ["e"]
            if isinstance(value, type) and getattr(builtins, value.__name__, None) is value:
                return ["type", value.__name__]
            special = self.pack_special(value, kind)
            return ["mine", self.hold(value)] if special is None else special

        def pack_special(self, value, kind):
            module = getattr(kind, "__module__", "")
            if self.is_referee:
                # The program calls its own copy of what the library has: a test's eval would be a door.
                if kind is type(sys):
                    return ["module", value.__name__]
                home, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
                if callable(value) and home in sys.stdlib_module_names and home != "__main__" and isinstance(name, str):
                    if getattr(sys.modules.get(home), name, None) is value:
                        return ["library", home, name]
            if kind.__name__ == "Decimal" and module == "decimal":
                return ["dec", str(value)]
            if kind.__name__ == "Fraction" and module == "fractions":
                return ["fra", self.pack(value.numerator), self.pack(value.denominator)]
            if kind.__name__ == "deque" and module == "collections":
                return ["q", *map(self.pack, value)]
            if module == "datetime" and kind.__name__ in ("date", "datetime", "time"):
                return ["dt", kind.__name__, value.isoformat()]
            if module == "datetime" and kind.__name__ == "timedelta":
                return ["td", value.days, value.seconds, value.microseconds]
            if module == "numpy" and hasattr(value, "tolist"):
                return self.pack(value.tolist())
            return None

        def hold(self, value):
            number = self.numbers.get(id(value))
            if number is None:
                number = self.numbers[id(value)] = len(self.held)
                self.held.append(value)
            return number

        def unpack(self, value):
            if not isinstance(value, list):
                if isinstance(value, PLAIN):
                    return value
                raise TypeError("not a packed value")
            tag, rest = value[0], value[1:]
            unpack = self.unpack
            if tag == "l":
                return [unpack(v) for v in rest] if list in set(map(type, rest)) else rest
            if tag == "t":
                return tuple(unpack(v) for v in rest)
            if tag == "d":
                return {unpack(k): unpack(v) for k, v in rest}
            if tag == "s":
                return {unpack(v) for v in rest}
            if tag == "f":
                return frozenset(unpack(v) for v in rest)
            if tag == "i":
                return int(rest[0], 16)
            if tag == "b":
                return bytes.fromhex(rest[0])
            if tag == "y":
                return bytearray.fromhex(rest[0])
            if tag == "c":
                return complex(rest[0], rest[1])
            if tag == "r":
                return range(*map(unpack, rest))
            if tag == "yours":
                return self.held[rest[0]]
            if tag == "e":
                return Ellipsis
            if tag == "type":
                kind = getattr(builtins, rest[0])
                if not isinstance(kind, type):
                    raise TypeError(rest[0])
                return kind
            if tag == "mine":
                number = int(rest[0])
                if number not in self.references:
                    self.references[number] = Reference(self, number)
                return self.references[number]
            if tag == "exception":
                return self.exception_class(rest[0], rest[1])
            if tag == "module" and rest[0] in sys.stdlib_module_names:
                return __import__(rest[0])
            if tag == "library" and not self.is_referee:
                return getattr(__import__(rest[0], fromlist=["x"]), rest[1])
            if tag == "dec":
                import decimal
                return decimal.Decimal(rest[0])
            if tag == "fra":
                import fractions
                return fractions.Fraction(unpack(rest[0]), unpack(rest[1]))
            if tag == "q":
                import collections
                return collections.deque(unpack(v) for v in rest)
            if tag == "dt":
                import datetime
                kinds = {"date": datetime.date, "datetime": datetime.datetime, "time": datetime.time}
                return kinds[rest[0]].fromisoformat(rest[1])
            if tag == "td":
                import datetime
                return datetime.timedelta(*rest)
            raise TypeError("not a packed value")

    """#
}
