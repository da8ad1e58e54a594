"""`python -m tests.side_by_side COMMIT`: old code and new beside one another on one schema, as in an upgrade.

Checks COMMIT out beside this tree, starts its server on a PostgreSQL and a Redis of their own, runs this
tree's migrations under it, starts this tree's server as well, and has people use both in turn: what either
has written is read by the other. Prints what was answered otherwise than it has to be, and ends with 1 if
anything was. Not a part of the suite, which has to run without a history: before a release with migrations.
"""

import base64
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from tests import run
from tests.servers import get_free_port

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "dog-and-bone"
PEOPLE = f"""
from accounts.people import User
User.objects.create_superuser("admin@example.com", "{PASSWORD}")
User.objects.create_user("alice@example.com", "{PASSWORD}")
"""
CREDENTIALS = """
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
account = TwilioAccount.objects.create(account_sid="AC" + "1" * 32)
alice = User.objects.get(email="alice@example.com")
TwilioCredentials.objects.create(user=alice, account=account, auth_token="x")
"""
BEFORE = ("/accounts/twilio/", "/accounts/sessions/", "/accounts/name/")
WITH_PHONE = ("/", "/phone/recents/", "/phone/contacts/", "/phone/settings/", "/accounts/people/")
ADMIN = (
    "/admin/",
    *(f"/admin/accounts/{one}/" for one in ("loginfailure", "accountevent", "user", "twiliocredentials")),
    *(f"/admin/phone/{one}/" for one in ("call", "deviceevent", "issuedtoken", "webhookrefusal")),
)


class Tree:
    """One version's code, and its server."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.environment, self.port = root, environment, get_free_port()
        self.url = f"http://localhost:{self.port}"

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=self.root, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "dognbone", "--port", str(self.port)]
        process = subprocess.Popen(command, cwd=self.root, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            for _ in range(240):
                if process.poll() is not None or self.is_ready():
                    break
                time.sleep(0.5)
            if not self.is_ready():
                raise RuntimeError(f"{self.root} does not serve.")
            yield
        finally:
            process.terminate()
            process.wait(60)

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


class Trial:
    def __init__(self, public_url: str) -> None:
        self.public_url = public_url
        self.asked, self.faults = 0, list[str]()

    def expect(self, what: str, answer: requests.Response, status: int) -> None:
        self.asked += 1
        if answer.status_code != status:
            self.faults.append(f"{what}: {answer.status_code}, not {status}")

    def sign_in(self, tree: Tree, email: str, password: str, status: int) -> requests.Session:
        browser = requests.Session()
        browser.get(f"{tree.url}/accounts/login/", timeout=30)
        form = {"login": email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post(
            f"{tree.url}/accounts/login/",
            form,
            headers={"Origin": self.public_url},
            allow_redirects=False,
            timeout=30,
        )
        self.expect(f"signing in at {tree.root.name}", answer, status)
        return browser

    def use(self, trees: tuple[Tree, Tree], email: str, paths: tuple[str, ...]) -> None:
        """Signs in at each, and looks at `paths` of both."""
        for tree in trees:
            browser = self.sign_in(tree, email, PASSWORD, 302)
            for other in trees:
                for path in paths:
                    answer = browser.get(other.url + path, allow_redirects=False, timeout=30)
                    self.expect(f"{path} of {other.root.name}, signed in at {tree.root.name}", answer, 200)


def build_environment(servers: dict[str, str]) -> dict[str, str]:
    environment = {**os.environ, **run.CLEAN_ENVIRONMENT, **servers}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return {
        **environment,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "ALLOWED_HOSTS": "localhost",
        "REQUIRE_SECOND_FACTOR": "nobody",
        "WEB_CONCURRENCY": "1",
    }


def try_both(old: Tree, new: Tree, trial: Trial) -> None:
    old.manage("migrate", "--noinput", "--skip-checks")
    for tree in (old, new):
        tree.manage("collectstatic", "--noinput", "-v0")
    with old.serving():
        old.manage("shell", "-c", PEOPLE)
        new.manage("migrate", "--noinput", "--skip-checks")
        with new.serving():
            both = (old, new)
            trial.use(both, "alice@example.com", BEFORE)
            for tree in both:
                trial.sign_in(tree, "alice@example.com", "wrong", 200)
                webhook = f"{tree.url}/phone/webhooks/made-up/voice/"
                trial.expect("a webhook of nobody's", requests.post(webhook, {"a": "1"}, timeout=30), 403)
            old.manage("shell", "-c", CREDENTIALS)
            trial.use(both, "alice@example.com", WITH_PHONE)
            trial.use(both, "admin@example.com", ADMIN)


def main(commit: str) -> int:
    with TemporaryDirectory() as folder, run.run_servers() as servers:
        before = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", before, commit], cwd=ROOT, check=True)
        try:
            (before / "node_modules").symlink_to(ROOT / "node_modules")
            environment = build_environment(servers)
            old, new = Tree(before, environment), Tree(ROOT, environment)
            environment["PUBLIC_URL"] = old.url
            trial = Trial(old.url)
            try_both(old, new, trial)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", before], cwd=ROOT, check=True)
    print(*trial.faults, f"{trial.asked} answers of old and new code, {len(trial.faults)} wrong.", sep="\n")
    return 1 if trial.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
