"""The library libapprentice-arcade: where it is, and its functions as apprentice_arcade.h declares them."""
import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint64, c_void_p
from pathlib import Path

ABI = 1
NAME = "libapprentice-arcade" + (".dylib" if sys.platform == "darwin" else ".so")


class ArcadeError(ValueError):
    """What is wrong, where, and what to do about it; nothing was changed by the call that raised it."""


class Configuration(ctypes.Structure):
    """arcade_configuration."""

    _fields_ = [
        ("size", c_size_t), ("game", c_char_p), ("mode", c_char_p), ("count", c_int64), ("batch", c_int64), ("threads", c_int64),
        ("seed", c_uint64), ("levels", c_int64), ("first_level", c_int64), ("autoreset", c_int32),
        ("keeps_final_observations", c_uint8), ("uses_sequential_levels", c_uint8), ("centers_player", c_uint8),
        ("uses_backgrounds", c_uint8), ("uses_monochrome_assets", c_uint8), ("restricts_themes", c_uint8),
        ("paints_velocity", c_uint8),
    ]


class Results(ctypes.Structure):
    """arcade_results."""

    _fields_ = [
        ("count", c_int64), ("observations", POINTER(c_uint8)), ("final_observations", POINTER(c_uint8)),
        ("rewards", POINTER(c_float)), ("terminated", POINTER(c_uint8)), ("truncated", POINTER(c_uint8)),
        ("environments", POINTER(c_int32)), ("levels", POINTER(c_int32)), ("previous_levels", POINTER(c_int32)),
        ("previous_complete", POINTER(c_uint8)), ("elapsed", POINTER(c_int32)),
    ]


def _path():
    """The library's place: what APPRENTICE_ARCADE_LIBRARY names, else the one beside this file, else the checkout's own build."""
    given = os.environ.get("APPRENTICE_ARCADE_LIBRARY")
    if given:
        if not os.path.isfile(given):
            raise ImportError(f"APPRENTICE_ARCADE_LIBRARY names {given}, and there is no such file.")
        return given
    here = Path(__file__).resolve().parent
    checkout = here.parents[3] if len(here.parents) > 3 else here
    places = [here / NAME] + [checkout / folder / "release" / NAME for folder in (".build", ".build-arcade")]
    for place in places:
        if place.is_file():
            return str(place)
    raise ImportError(
        f"{NAME} is in none of {', '.join(str(place) for place in places)}. Install the package with pip from a checkout of "
        "Apprentice, which builds it (pip install ./Python/apprentice-arcade), or name one with APPRENTICE_ARCADE_LIBRARY.")


def _load():
    path = _path()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(f"{path} can't be loaded: {error}") from error
    library.arcade_abi.restype = c_int32
    number = library.arcade_abi()
    if number != ABI:
        raise ImportError(
            f"{path} has the interface {number}, and this package was written for {ABI}: build both from one checkout.")
    message = c_void_p
    handle = c_void_p
    functions = {
        "arcade_description": (c_void_p, []),
        "arcade_free": (None, [c_void_p]),
        "arcade_configure": (None, [POINTER(Configuration), c_size_t]),
        "arcade_vector_create": (message, [POINTER(Configuration), POINTER(handle)]),
        "arcade_vector_destroy": (None, [handle]),
        "arcade_vector_results": (Results, [handle]),
        "arcade_vector_step": (message, [handle, c_void_p, c_int64]),
        "arcade_vector_reset": (message, [handle, c_void_p, c_int64]),
        "arcade_vector_reset_seed": (message, [handle, c_uint64]),
        "arcade_vector_reset_seeds": (message, [handle, c_void_p, c_int64]),
        "arcade_vector_begin_level": (message, [handle, c_int64, c_int32]),
        "arcade_vector_save": (message, [handle, c_int64, POINTER(c_void_p), POINTER(c_int64)]),
        "arcade_vector_restore": (message, [handle, c_int64, c_char_p, c_int64]),
        "arcade_vector_render": (message, [handle, c_int64, c_void_p]),
        "arcade_pool_create": (message, [POINTER(Configuration), POINTER(handle)]),
        "arcade_pool_destroy": (None, [handle]),
        "arcade_pool_reset": (message, [handle, c_void_p, c_int64]),
        "arcade_pool_send": (message, [handle, c_void_p, c_void_p, c_int64]),
        "arcade_pool_receive": (message, [handle, POINTER(Results)]),
    }
    for name, (result, arguments) in functions.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()


def text(pointer):
    """A text of the library's, which is given back."""
    value = ctypes.cast(pointer, c_char_p).value.decode()
    library.arcade_free(pointer)
    return value


def check(message):
    """Raises what a function of the library's complains about."""
    if message:
        raise ArcadeError(text(message))


DESCRIPTION = json.loads(text(library.arcade_description()))
AUTORESET = {"same_step": 0, "next_step": 1, "disabled": 2}


def configuration(**members):
    """A configuration with the defaults of the library's where nothing is given."""
    how = Configuration()
    library.arcade_configure(byref(how), ctypes.sizeof(how))
    for name, value in members.items():
        if name == "autoreset":
            if value not in AUTORESET:
                raise ArcadeError(f"There is no autoreset {value!r}; there are {', '.join(map(repr, AUTORESET))}.")
            value = AUTORESET[value]
        elif name in ("game", "mode"):
            value = str(value).encode()
        else:
            value = int(value)
            kind = dict(Configuration._fields_)[name]
            # ctypes would cut off what doesn't fit.
            if kind(value).value != value:
                raise ArcadeError(f"{name} can't be {value}.")
        setattr(how, name, value)
    return how
