"""The names under which gymnasium.make and gymnasium.make_vec find the games: arcade/coinrun-v0 and so on.

`import apprentice_arcade` registers them; gymnasium.make("apprentice_arcade:arcade/coinrun-v0") does without an import of one's own.
"""
import gymnasium

from .games import GAMES


def register():
    """Registers the games with Gymnasium, once."""
    for game in GAMES:
        name = f"arcade/{game}-v0"
        if name not in gymnasium.registry:
            gymnasium.register(
                name, entry_point="apprentice_arcade.envs:ArcadeEnv", vector_entry_point="apprentice_arcade.envs:ArcadeVectorEnv",
                kwargs={"game": game})
