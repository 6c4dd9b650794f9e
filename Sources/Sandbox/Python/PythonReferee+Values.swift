extension PythonReferee {
  /// The beginning: what is told on the command line, and a reference to something on the other side.
  static let opening = #"""
    import sys

    # Not the working folder: what a program leaves there must not be what the tests import.
    sys.path[:] = [folder for folder in sys.path if folder]
    import builtins, io, json, os, resource

    config = json.loads(sys.argv[1])
    sys.argv = ["solution"]
    sys.setrecursionlimit(1000)
    PLAIN = (bool, int, float, str, type(None))
    SIMPLE = {bool, float, str, type(None)}


    def whole(descriptor):
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


    def built_in_bases(kind):
        return [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]


    class Gone(BaseException):
        """The other side has ended."""


    class Garbled(BaseException):
        """The other side has sent what no side sends."""


    class Reference:
        """Something that lives on the other side; it equals itself only."""

        __slots__ = ("_peer", "_number")

        def __init__(self, peer, number):
            object.__setattr__(self, "_peer", peer)
            object.__setattr__(self, "_number", number)

        def __call__(self, *args, **kwargs):
            return self._peer.call(self._number, args, kwargs)

        def __getattr__(self, name):
            if name.startswith("__") and name.endswith("__") and name not in ("__name__", "__doc__"):
                raise AttributeError(name)
            return self._peer.ask("get", self._number, name)

        def __setattr__(self, name, value):
            self._peer.ask("set", self._number, name, value)

        def __getitem__(self, key):
            return self._peer.ask("item", self._number, key)

        def __setitem__(self, key, value):
            self._peer.ask("setitem", self._number, key, value)

        def __delitem__(self, key):
            self._peer.ask("delitem", self._number, key)

        def __iter__(self):
            return self._peer.ask("iter", self._number)

        def __next__(self):
            return self._peer.ask("next", self._number)

        def __len__(self):
            return self._peer.ask("len", self._number)

        def __bool__(self):
            return self._peer.ask("bool", self._number)

        def __str__(self):
            return self._peer.ask("str", self._number)

        def __repr__(self):
            return self._peer.ask("repr", self._number)

        def __enter__(self):
            return self._peer.ask("enter", self._number)

        def __exit__(self, *_):
            self._peer.ask("exit", self._number)

    """#
}
