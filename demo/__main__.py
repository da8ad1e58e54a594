"""Starts everything of the demo, says where to go, and ends everything together."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from demo.environment import DemoEnvironment, DemoRefused, build_demo_environment
from demo.one_run import RunsAlready, only_run
from demo.ports import find_trouble, get_free_port
from demo.processes import Child, Children, ProcessFailed, is_answering, wait_until
from dognbone.sockets import MAX_FRAME_BYTES

ROOT = Path(__file__).resolve().parent.parent
# Tests have one of their own, so as not to meet the developer's.
VAR = Path(os.environ.get("DEMO_VAR", ROOT / "var"))
LOWEST_OTHER_PORT = 8000


def main() -> int:
    """The exit status: 0 when it was told to end, 1 when it could not start or something ended."""
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    os.chdir(ROOT)
    VAR.mkdir(exist_ok=True)
    children = Children()
    try:
        dotenv = Path(os.environ.get("ENV_FILE", ROOT / ".env"))
        environment = build_demo_environment(os.environ, dotenv=dotenv, var=VAR)
        with only_run(VAR / "demo.lock", environment.public_url):
            run(children, environment)
    except (DemoRefused, ProcessFailed, RunsAlready) as failure:
        print(f"\nDog n Bone: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nDog n Bone: good-bye.")
        return 0
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()
    return 0


def end(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run(children: Children, environment: DemoEnvironment) -> None:
    if trouble := find_trouble(environment.port):
        other = get_free_port(after=max(environment.port, LOWEST_OTHER_PORT))
        raise DemoRefused(f"{trouble}. `make run PORT={other}` takes another.")
    os.environ.update(environment.values)
    fake_url = start_fake(children, environment) if environment.has_fake else ""
    # Beside the fake there is the panel that makes things fail.
    os.environ["DJANGO_SETTINGS_MODULE"] = "demo.rehearsal_settings" if fake_url else "demo.settings"
    prepare_database(fake_url)
    server = start_server(children, environment)
    host = environment.public_url.partition("://")[2]
    start_worker(children)
    wait_until(server, lambda: is_answering(f"http://127.0.0.1:{environment.port}/healthz", host=host))
    # After Django is set up, because it reads the settings.
    from demo.banner import build_banner

    print(build_banner(environment.public_url, fake_url), flush=True)
    children.watch()


def start_fake(children: Children, environment: DemoEnvironment) -> str:
    """Starts the fake Twilio and points the settings at it; its address."""
    port = get_free_port(after=environment.port)
    fake = children.start("The fake Twilio", "-m", "fake_twilio", "--port", str(port), env={})
    url = f"http://127.0.0.1:{port}"
    os.environ["TWILIO_BASE_URL"] = url
    os.environ["TWILIO_SIGNALLING"] = f"127.0.0.1:{port}"
    wait_until(fake, lambda: is_answering(f"{url}/_fake/state"))
    return url


def prepare_database(fake_url: str) -> None:
    """Brings the tables up to date and makes the demo's people, connected where the fake runs."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connections

    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        from demo import people

        people.make_people()
        if not fake_url:
            people.forget_connections()
            return
        for person, verdict in people.connect_people():
            if not verdict.is_ok:
                raise DemoRefused(f"{person.name} could not be connected: {verdict.title}")
        people.allow_calls()
    except (CommandError, DatabaseError, ImproperlyConfigured) as error:
        raise DemoRefused(str(error)) from error
    finally:
        connections.close_all()


def start_server(children: Children, environment: DemoEnvironment) -> Child:
    return children.start(
        "The server",
        *("-m", "uvicorn", "dognbone.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(environment.port)),
        *("--ws-per-message-deflate", "false", "--lifespan", "on"),
        *("--ws", "dognbone.sockets:SocketProtocol", "--ws-max-size", str(MAX_FRAME_BYTES)),
        *("--timeout-graceful-shutdown", "3", "--log-level", "warning"),
        env={},
    )


def start_worker(children: Children) -> Child:
    """What sends the mail, and does at Twilio what no page waits for."""
    # Without the reloader, which would be told to end in place of the worker.
    return children.start("The worker", "manage.py", "db_worker", "--no-reload", "--verbosity", "0", env={})


if __name__ == "__main__":
    sys.exit(main())
