"""What a private subnet is promised, tried out: names, connections, answers.

A check tells whether the network kept a promise, in one of three ways: `PASSED`, `FAILED` with a reason, or `UNKNOWN`
where it could not be asked. Nothing here calls AWS's APIs or needs credentials.
"""

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time

PASSED = "passed"
FAILED = "failed"
UNKNOWN = "unknown"

# How often something is tried before it is called broken, and how long is waited in between, in seconds.
TRIES = 3
PAUSE = 1.0

# How long one try may take, in seconds.
TIMEOUT = 4.0

# Of an answer, not more than this is read, in bytes: an address is short.
LONGEST_ANSWER = 256

# Of a reason, not more than this is told, in characters: three hosts' errors.
LONGEST_REASON = 400


class Broken(Exception):
    """A promise that was not kept; its text says how."""


def resolve(host):
    """The IPv4 addresses of a name. It takes as long as the resolver does: nobody can interrupt that, and so `run` does
    not wait for it."""
    found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    return sorted({address[0] for *_, address in found})


def connect(host, port):
    """Connects, and hangs up."""
    socket.create_connection((host, port), TIMEOUT).close()


# Made once: reading all authorities' certificates takes longer than a handshake.
TLS = ssl.create_default_context()


def connection(host, port):
    """How HTTPS is spoken."""
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=TLS)


def fetch(host, port):
    """The beginning of what a server answers over HTTPS. "Not found" and "forbidden" are answers: it was reached."""
    there = connection(host, port)
    try:
        there.request("GET", "/", headers={"User-Agent": "groundwork-health-check", "Connection": "close"})
        response = there.getresponse()
        if response.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Broken(f"{host} answers with status {response.status}")
        return response.read(LONGEST_ANSWER).decode("utf-8", "replace").strip()
    finally:
        there.close()


# One try of each kind of check. What is raised is why it failed.


def names(check):
    """The resolver answers for at least one of several names, any one of which may be gone."""
    at_least(1, check["hosts"], resolve)


def internet(check):
    """At least half of several hosts that have nothing to do with each other are reached."""
    at_least((len(check["hosts"]) + 1) // 2, check["hosts"], lambda host: fetch(host, 443))


def address(check):
    """What the world sees is one of the NAT's addresses. Who cannot be asked says nothing about that."""
    try:
        seen = fetch(check["host"], 443)
        ipaddress.ip_address(seen)
    except (OSError, http.client.HTTPException, ValueError, Broken) as error:
        return UNKNOWN, describe(error)
    if seen not in check["addresses"]:
        raise Broken(f"traffic leaves from {seen}, not from {', '.join(check['addresses'])}")
    return PASSED, None


def endpoint(check):
    """An AWS service's name leads to an address inside of the network, and something listens there."""
    block = ipaddress.ip_network(check["cidr"])
    for host in check["hosts"]:
        outside = [found for found in resolve(host) if ipaddress.ip_address(found) not in block]
        if outside:
            raise Broken(f"{host} leads to {', '.join(outside)}, outside of {block}")
        connect(host, 443)


def target(check):
    """A host is reached; or, where it must not be, is not."""
    host, port = check["host"], check["port"]
    if check.get("reachable", True):
        (fetch if check.get("protocol") == "https" else connect)(host, port)
        return
    try:
        connect(host, port)
    except OSError:
        return
    raise Broken(f"{host}:{port} can be reached")


KINDS = {"names": names, "internet": internet, "address": address, "endpoint": endpoint, "target": target}


def at_least(wanted, hosts, action):
    """Tries all hosts at once. That many have to succeed; who does not answer in time has failed."""
    answers = all_at_once(hosts, lambda host: caught(action, host), TIMEOUT)
    errors = {host: answers.get(host, TimeoutError()) for host in hosts}
    reasons = [f"{host}: {describe(error)}" for host, error in errors.items() if error]
    if len(hosts) - len(reasons) < wanted:
        raise Broken("; ".join(reasons))


def caught(action, host):
    """What an action raises, if it does."""
    try:
        action(host)
    except Exception as error:  # Whatever it is, it is the reason.
        return error
    return None


def all_at_once(keys, action, seconds):
    """What an action returns for each key, of those that return within so many seconds."""
    answers, found = queue.SimpleQueue(), {}
    deadline = time.monotonic() + seconds
    for key in keys:
        # Not an executor: that waits for its threads, and one that asks a dead resolver may take minutes.
        threading.Thread(target=lambda key=key: answers.put((key, action(key))), daemon=True).start()
    while len(found) < len(keys):
        try:
            key, answer = answers.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            break
        found[key] = answer
    return found


def describe(error):
    """An error in one line, without what only the machine knows."""
    if isinstance(error, TimeoutError):
        return "timed out"
    text = str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:LONGEST_REASON]


def attempt(check, pause=PAUSE):
    """The outcome of a check and its reason, tried several times before it is called broken."""
    # That something can be reached needs no second look, and that it cannot takes as long as a timeout.
    tries = TRIES if check.get("reachable", True) else 1
    for number in range(tries):
        if number:
            time.sleep(pause * number)
        try:
            outcome = KINDS[check["kind"]](check) or (PASSED, None)
        except Exception as error:  # Whatever it is, the promise was not seen to be kept.
            outcome = (FAILED, describe(error))
        if outcome[0] == PASSED:
            break
    return outcome


def run(checks, deadline, pause=PAUSE):
    """What became of every check by its name: outcome, reason, and how many seconds it took. Whoever has not come to an
    end within `deadline` seconds has failed, or could not be asked."""
    by_name = {check["name"]: check for check in checks}

    def one(name):
        started = time.monotonic()
        return (*attempt(by_name[name], pause), time.monotonic() - started)

    def late(name):
        outcome = UNKNOWN if by_name[name]["kind"] == "address" else FAILED
        return (outcome, f"no answer within {deadline:.0f} seconds", deadline)

    found = all_at_once(by_name, one, deadline)
    return {name: found.get(name) or late(name) for name in by_name}
