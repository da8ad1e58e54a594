"""Runs every benchmark on one stage."""

import os
import platform

from bench.stage import set_stage


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
    with set_stage() as stage:
        # After Django is set up, because they read models and settings.
        from bench import admin_pages, answers, connecting, recent_calls, sealing

        sealing.run()
        answers.run(stage)
        connecting.run(stage)
        recent_calls.run()
        admin_pages.run()


if __name__ == "__main__":
    main()
