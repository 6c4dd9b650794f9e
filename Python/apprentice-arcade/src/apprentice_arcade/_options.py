"""procgen's names of the options, and the library's."""
from ._library import ArcadeError

NAMES = {
    "distribution_mode": "mode", "num_levels": "levels", "start_level": "first_level",
    "use_sequential_levels": "uses_sequential_levels", "center_agent": "centers_player", "use_backgrounds": "uses_backgrounds",
    "use_monochrome_assets": "uses_monochrome_assets", "restrict_themes": "restricts_themes", "paint_vel_info": "paints_velocity",
}


def arcade_options(options):
    """The options in the library's names; those that it hasn't are refused, unless they ask for what is anyway."""
    ours = {}
    for name, value in options.items():
        if name in NAMES:
            ours[NAMES[name]] = value
        elif name in ("use_generated_assets", "debug_mode", "debug", "resource_root"):
            if value:
                raise ArcadeError(f"{name} isn't there: the arcade draws all pictures by itself and has no debugging mode.")
        else:
            raise ArcadeError(f"There is no option {name}; there are {', '.join(NAMES)}.")
    return ours
