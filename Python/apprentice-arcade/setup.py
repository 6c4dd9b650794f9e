"""Puts the arcade's library beside the Python files: the one that APPRENTICE_ARCADE_LIBRARY names, or one that Swift builds here."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
NAME = "libapprentice-arcade" + (".dylib" if sys.platform == "darwin" else ".so")


def library():
    """The path of the library, built where there is none yet."""
    given = os.environ.get("APPRENTICE_ARCADE_LIBRARY")
    if given:
        if not os.path.isfile(given):
            raise SystemExit(f"APPRENTICE_ARCADE_LIBRARY names {given}, and there is no such file.")
        return Path(given)
    if not (CHECKOUT / "Package.swift").is_file():
        raise SystemExit(
            f"{HERE} isn't in a checkout of Apprentice, whose Swift sources the library is built from. Install from there "
            "(pip install ./Python/apprentice-arcade), or name a built library with APPRENTICE_ARCADE_LIBRARY.")
    if shutil.which("swift") is None:
        raise SystemExit(
            "There is no 'swift' on the path to build the library with: get it from https://swift.org/install, or name a built "
            "library with APPRENTICE_ARCADE_LIBRARY.")
    # A folder of its own: with Swift's own library inside, everything is compiled in another way than by ./test.
    scratch = CHECKOUT / ".build-arcade"
    command = ["swift", "build", "-c", "release", "--product", "apprentice-arcade", "--scratch-path", str(scratch)]
    if sys.platform != "darwin":  # macOS has Swift's library itself
        command += ["-Xswiftc", "-static-stdlib"]
    print(" ".join(command), file=sys.stderr, flush=True)
    if subprocess.run(command, cwd=CHECKOUT).returncode:
        raise SystemExit("The library couldn't be built; what Swift says stands above (pip shows it with --verbose).")
    return scratch / "release" / NAME


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "apprentice_arcade" / NAME
        else:
            target = HERE / "src" / "apprentice_arcade" / NAME
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library(), target)
        strip = shutil.which("strip")
        if strip and sys.platform != "darwin":
            subprocess.run([strip, "--strip-unneeded", str(target)], check=False)


class WithLibrary(Distribution):
    """A wheel for this platform, though nothing in it is for one version of Python."""

    def has_ext_modules(self):
        return True


commands = {"build_py": BuildWithLibrary}
try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    try:
        from wheel.bdist_wheel import bdist_wheel
    except ImportError:
        bdist_wheel = None
if bdist_wheel is not None:

    class AnyPython(bdist_wheel):
        def get_tag(self):
            return ("py3", "none", super().get_tag()[2])

    commands["bdist_wheel"] = AnyPython

setup(cmdclass=commands, distclass=WithLibrary)
