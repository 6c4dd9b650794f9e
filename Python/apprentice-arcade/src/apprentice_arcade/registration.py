"""The names under which gymnasium.make and gymnasium.make_vec find the games: arcade/coinrun-v0 and so on.

Gymnasium calls `register` by itself where the package is installed; `import apprentice_arcade` does so too.
"""
_GAMES = (
    "bigfish bossfight caveflyer chaser climber coinrun dodgeball fruitbot heist jumper leaper maze miner ninja plunder starpilot"
).split()


def register():
    """Registers the games with Gymnasium; the library is loaded by the first game that is made."""
    import gymnasium

    for game in _GAMES:
        name = f"arcade/{game}-v0"
        if name not in gymnasium.registry:
            gymnasium.register(
                name, entry_point="apprentice_arcade.envs:ArcadeEnv", vector_entry_point="apprentice_arcade.envs:ArcadeVectorEnv",
                kwargs={"game": game})
