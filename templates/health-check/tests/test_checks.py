"""The checks against real sockets on the loopback, with a resolver and a TLS that are not there."""

import contextlib
import http.client
import http.server
import socket
import threading
import time
import unittest
from unittest import mock

import checks
from checks import FAILED, PASSED, UNKNOWN


@contextlib.contextmanager
def listening(status=200, body=""):
    """A server that always gives this answer; its port."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def silent():
    """Something that takes connections, and never says anything; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def closed():
    """A port that nothing listens on."""
    with silent() as port:
        return port


class Case(unittest.TestCase):
    def setUp(self):
        # Nothing here takes long, but on a busy machine.
        self.replace("TIMEOUT", 20)

    def replace(self, name, value):
        patch = mock.patch.object(checks, name, value)
        patch.start()
        self.addCleanup(patch.stop)

    def hosts(self, **ports):
        """Gives hosts these ports of the loopback, without TLS."""

        def plain(host, _):
            return http.client.HTTPConnection("127.0.0.1", ports[host], timeout=checks.TIMEOUT)

        self.replace("connection", plain)

    def resolver(self, answer):
        """Answers for the resolver."""
        patch = mock.patch.object(socket, "getaddrinfo", answer)
        patch.start()
        self.addCleanup(patch.stop)

    def outcome(self, **check):
        return checks.attempt(check, pause=0)


class Targets(Case):
    def outcome(self, port, host="127.0.0.1", **check):
        return super().outcome(kind="target", host=host, port=port, **check)

    def test_a_connection_is_enough(self):
        with silent() as port:
            self.assertEqual(self.outcome(port), (PASSED, None))
            self.assertEqual(self.outcome(port, protocol="tcp"), (PASSED, None))

    def test_a_closed_port_is_a_failure_that_says_so(self):
        outcome, reason = self.outcome(closed())
        self.assertEqual(outcome, FAILED)
        self.assertIn("refused", reason)

    def test_every_answer_below_500_is_one(self):
        answers = {200: PASSED, 301: PASSED, 403: PASSED, 404: PASSED, 500: FAILED, 503: FAILED}
        for status, expected in answers.items():
            with self.subTest(status), listening(status) as port:
                self.hosts(shop=port)
                self.assertEqual(self.outcome(443, host="shop", protocol="https")[0], expected)

    def test_what_connects_and_never_answers_has_timed_out(self):
        self.replace("TRIES", 1)
        self.replace("TIMEOUT", 0.2)
        with silent() as port:
            self.hosts(shop=port)
            self.assertEqual(self.outcome(443, host="shop", protocol="https"), (FAILED, "timed out"))

    def test_without_tls_there_is_no_answer(self):
        with listening() as port:
            outcome, reason = self.outcome(port, protocol="https")
        self.assertEqual(outcome, FAILED)
        self.assertIn("SSL", reason)

    def test_what_must_not_be_reached_is_not(self):
        self.assertEqual(self.outcome(closed(), reachable=False), (PASSED, None))
        with silent() as port:
            outcome, reason = self.outcome(port, reachable=False)
        self.assertEqual((outcome, reason), (FAILED, f"127.0.0.1:{port} can be reached"))

    def test_a_name_that_leads_nowhere_is_not_reached(self):
        def nowhere(*_args, **_kwargs):
            raise socket.gaierror(-2, "Name or service not known")

        self.resolver(nowhere)
        self.assertEqual(self.outcome(443, host="gone", reachable=False), (PASSED, None))
        self.assertEqual(self.outcome(443, host="gone")[0], FAILED)


class Internet(Case):
    def outcome(self):
        return super().outcome(kind="internet", hosts=["a", "b", "c"])

    def test_one_host_of_three_may_be_down(self):
        with listening() as up, listening(404) as other:
            self.hosts(a=up, b=closed(), c=other)
            self.assertEqual(self.outcome(), (PASSED, None))

    def test_two_may_not_and_both_are_named(self):
        with listening() as up:
            self.hosts(a=closed(), b=up, c=closed())
            outcome, reason = self.outcome()
        self.assertEqual(outcome, FAILED)
        self.assertIn("a: ConnectionRefusedError", reason)
        self.assertIn("c: ConnectionRefusedError", reason)
        self.assertNotIn("b:", reason)


class Address(Case):
    def outcome(self, body, *addresses, status=200):
        with listening(status, body) as port:
            self.hosts(ask=port)
            return super().outcome(kind="address", host="ask", addresses=addresses)

    def test_one_of_the_nats_addresses_is_right(self):
        self.assertEqual(self.outcome("192.0.2.7\n", "192.0.2.6", "192.0.2.7"), (PASSED, None))

    def test_another_is_named(self):
        self.assertEqual(
            self.outcome("198.51.100.1", "192.0.2.7"),
            (FAILED, "traffic leaves from 198.51.100.1, not from 192.0.2.7"),
        )

    def test_who_cannot_be_asked_says_nothing(self):
        self.assertEqual(self.outcome("<html>", "192.0.2.7")[0], UNKNOWN)
        self.assertEqual(self.outcome("192.0.2.7", "192.0.2.7", status=503)[0], UNKNOWN)


class Endpoints(Case):
    def outcome(self, address):
        self.resolver(lambda host, *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))])
        self.reached = []
        self.replace("connect", lambda host, port: self.reached.append((host, port)))
        return super().outcome(kind="endpoint", cidr="10.80.0.0/22", hosts=["logs.example"])

    def test_inside_of_the_network_it_is_connected_to(self):
        self.assertEqual(self.outcome("10.80.3.9"), (PASSED, None))
        self.assertEqual(self.reached, [("logs.example", 443)])

    def test_outside_of_it_private_dns_is_broken(self):
        outcome, reason = self.outcome("192.0.2.1")
        self.assertEqual((outcome, reason), (FAILED, "logs.example leads to 192.0.2.1, outside of 10.80.0.0/22"))
        self.assertEqual(self.reached, [])


class Names(Case):
    def outcome(self, *known):
        def answer(host, *_):
            if host not in known:
                raise socket.gaierror(-3, "Temporary failure in name resolution")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]

        self.resolver(answer)
        return super().outcome(kind="names", hosts=["a", "b"])

    def test_any_name_shows_that_the_resolver_answers(self):
        self.assertEqual(self.outcome("b"), (PASSED, None))

    def test_none_shows_that_it_does_not(self):
        outcome, reason = self.outcome()
        self.assertEqual(outcome, FAILED)
        self.assertIn("a: gaierror", reason)
        self.assertIn("b: gaierror", reason)


class Tries(Case):
    def tried(self, failures, **check):
        """Fails so many times, then succeeds; how it ends, and after how many tries."""
        tries = []

        def kind(_):
            tries.append(1)
            if len(tries) <= failures:
                raise OSError("broken")

        with mock.patch.dict(checks.KINDS, fake=kind):
            return checks.attempt({"kind": "fake", **check}, pause=0)[0], len(tries)

    def test_it_is_tried_again_before_it_is_called_broken(self):
        self.assertEqual(self.tried(0), (PASSED, 1))
        self.assertEqual(self.tried(2), (PASSED, 3))
        self.assertEqual(self.tried(9), (FAILED, 3))

    def test_what_was_reached_and_must_not_be_needs_no_second_look(self):
        self.assertEqual(self.tried(9, reachable=False), (FAILED, 1))

    def test_it_waits_longer_each_time(self):
        broken = mock.Mock(side_effect=OSError)
        with mock.patch.object(time, "sleep") as sleep, mock.patch.dict(checks.KINDS, fake=broken):
            checks.attempt({"kind": "fake"}, pause=2)
        self.assertEqual([call.args[0] for call in sleep.call_args_list], [2, 4])

    def test_a_reason_is_one_short_line(self):
        reason = checks.describe(OSError("a\nb " + 1000 * "c"))
        self.assertNotIn("\n", reason)
        self.assertEqual(len(reason), checks.LONGEST_REASON)


class Deadline(Case):
    def test_a_resolver_that_does_not_answer_holds_nobody_up(self):
        hung = threading.Event()
        self.addCleanup(hung.set)
        self.replace("TIMEOUT", 0.05)
        self.resolver(lambda *_: hung.wait(60))
        started = time.monotonic()
        with silent() as port, mock.patch.object(checks, "connect", lambda *_: None):
            found = checks.run(
                [
                    {"name": "dns", "kind": "names", "hosts": ["a"]},
                    {"name": "endpoint", "kind": "endpoint", "cidr": "10.0.0.0/22", "hosts": ["a"]},
                    {"name": "address", "kind": "address", "host": "a", "addresses": ["192.0.2.1"]},
                    {"name": "up", "kind": "target", "host": "a", "port": port},
                ],
                deadline=2,
                pause=0,
            )
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(found["dns"][:2], (FAILED, "a: timed out"))
        self.assertEqual(found["endpoint"][:2], (FAILED, "no answer within 2 seconds"))
        self.assertEqual(found["address"][:2], (UNKNOWN, "no answer within 2 seconds"))
        self.assertEqual(found["up"][:2], (PASSED, None))


if __name__ == "__main__":
    unittest.main()
