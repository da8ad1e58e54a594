"""The way to an address: through which proxy, whether anything answers, and why nothing does."""

import re
import ssl
import threading
import urllib.error
import urllib.request

# How long a name, a connection and the first word of an answer may take.
MOMENT_SECONDS = 2.0
NO_ANSWER = "it does not answer"

# What the clients, and what is below them, say of a network that does not carry them.
REASONS = {
    r"ECONNREFUSED|Connection refused": "the connection is refused",
    r"ENOTFOUND|EAI_AGAIN|getaddrinfo|NameResolutionError|Name or service not known|nodename nor servname"
    r"|Temporary failure in name resolution|Failed to resolve": "its name cannot be resolved",
    r"EHOSTUNREACH|ENETUNREACH|Network is unreachable|No route to host": "no network leads there",
    r"ECONNRESET|EPIPE|socket hang up|Connection reset|RemoteDisconnected|Connection aborted"
    r"|connection was (closed|forcibly)": "the connection is cut",
    r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL_ERROR|ERR_SSL|EPROTO|CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)"
    r"|wrong version number": "its certificate is not trusted, or it does not speak TLS",
    r"ETIMEDOUT|ERR_SOCKET_TIMEOUT|FETCH_TIMEOUT|timed out|TimeoutError|network timeout": NO_ANSWER,
    r"ProxyError|Cannot connect to proxy|Tunnel connection failed": "the proxy does not lead there",
}


def find_proxy(address: str, configured: str) -> str:
    """The proxy on the way to an address, without its password; "" where the way is straight."""
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    if urllib.request.proxy_bypass(host):
        return ""
    proxies = urllib.request.getproxies()
    return hide_password(configured or proxies.get(scheme, "") or proxies.get("all", ""))


def find_reason(said: str) -> str:
    """Why the network is to blame; "" where it is not."""
    for words, reason in REASONS.items():
        if re.search(words, said):
            return reason
    return ""


def hide_password(address: str) -> str:
    return re.sub(r"://[^/@\s]*@", "://", address)


def is_answering(address: str, proxy: str) -> bool:
    """Whether anything at all comes back: then the client is only slow, on a busy machine, and may go on.

    So it may where its address is not known, because it did not come to say it.
    """
    if "://" not in address:
        return True
    answers: list[bool] = []
    # A thread that may stay behind, because looking up a name cannot be broken off.
    look = threading.Thread(target=lambda: answers.append(has_answer(address, proxy)), daemon=True)
    look.start()
    look.join(MOMENT_SECONDS)
    return any(answers)


def has_answer(address: str, proxy: str) -> bool:
    """Waits as long as it takes; `proxy` may be "".

    Sends nothing secret, so that anybody may answer, with any certificate.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    proxies = urllib.request.ProxyHandler(dict.fromkeys(("http", "https"), proxy) if proxy else {})
    opener = urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=context))
    try:
        opener.open(hide_password(address)).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError) as error:
        # A proxy that wants the password, which it is not given here.
        return "407" in str(error)
    return True
