"""Sixteen procedurally generated games, the Procgen benchmark's by their published rules.

    import apprentice_arcade as arcade
    games = arcade.Games("coinrun", 64, mode="easy", levels=200, threads=2)      # numpy alone
    step = games.step(numpy.full(64, 7))                                        # everybody to the right

    envs = arcade.ArcadeVectorEnv("coinrun", 64, distribution_mode="easy")      # gymnasium.vector.VectorEnv
    env = gymnasium.make("arcade/coinrun-v0")                                   # gymnasium.Env
    envs = arcade.ProcgenEnv(num_envs=64, env_name="coinrun")                   # procgen's interface
    envs = arcade.make("CoinrunEasy-v0", num_envs=64, batch_size=16)            # EnvPool's interface
"""
from ._library import ArcadeError
from .games import ACTIONS, GAMES, NORMALIZATION, OBSERVATION_SHAPE, PICTURE_SHAPE, TIME_LIMITS, Games, Pool, Step
from .pool import EnvPool, list_all_envs, make, make_gymnasium
from .procgen import ProcgenEnv, ProcgenGym3Env

__version__ = "0.1.0"
__all__ = [
    "ACTIONS", "ArcadeEnv", "ArcadeError", "ArcadeVectorEnv", "EnvPool", "GAMES", "Games", "NORMALIZATION", "OBSERVATION_SHAPE",
    "PICTURE_SHAPE", "Pool", "ProcgenEnv", "ProcgenGym3Env", "Step", "TIME_LIMITS", "list_all_envs", "make", "make_gymnasium",
]


def __getattr__(name):
    # Whoever asks for Gymnasium's classes without having it is told so.
    if name in ("ArcadeEnv", "ArcadeVectorEnv"):
        try:
            from . import envs
        except ImportError as error:
            raise ImportError(f"{name} needs Gymnasium: pip install gymnasium ({error})") from error
        return getattr(envs, name)
    raise AttributeError(f"module 'apprentice_arcade' has no attribute {name!r}")


try:
    from .registration import register as _register
except ImportError:
    # Gymnasium isn't there, and only its own interface needs it.
    pass
else:
    _register()
