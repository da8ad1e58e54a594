"""Makes what a service needs before its first start, in a folder: `python deploy/first_start.py FOLDER`.

`keys/env` with settings that are nobody's business, `database/password`, and in `certificate/` one that the
service has signed itself, for PUBLIC_URL's host. What is there already is left as it is; nothing is printed.
"""

import base64
import ipaddress
import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

A_YEAR = timedelta(days=365)


def main(folder: Path) -> None:
    host = urlsplit(os.environ.get("PUBLIC_URL", "https://localhost")).hostname or "localhost"
    password = make(folder / "database" / "password", secrets.token_urlsafe(32)).decode()
    make(folder / "keys" / "env", write_settings(password))
    if not (folder / "certificate" / "certificate.pem").exists():
        key, certificate = make_certificate(host)
        make(folder / "certificate" / "key.pem", key)
        make(folder / "certificate" / "certificate.pem", certificate)
    print(f"Dog n Bone: keys and a certificate for {host} are in {folder}.")


def make(path: Path, content: str) -> bytes:
    """What the file holds; `content` where there was none. It appears whole, or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(content)
        # Each folder is a volume of its own, and those who share it run as other users.
        part.chmod(0o600 if path.parent.name == "keys" else 0o644)
        part.rename(path)
        print(f"Made {path.name}.")
    return path.read_bytes()


def write_settings(password: str) -> str:
    host = os.environ.get("DATABASE_HOST", "127.0.0.1")
    settings = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "DATABASE_URL": f"postgres://dognbone:{password}@{host}:5432/dognbone",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def make_certificate(host: str) -> tuple[str, str]:
    """A key and a certificate of it, both PEM, for a year."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + A_YEAR)
        .add_extension(x509.SubjectAlternativeName([name_host(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def name_host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
