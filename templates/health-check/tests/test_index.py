"""What is printed, and that it is all that leaves."""

import contextlib
import io
import json
import unittest
from unittest import mock

import index
from checks import FAILED, PASSED, UNKNOWN

CHECKS = [
    {"name": "dns"},
    {"name": "internet"},
    {"name": "egress-address"},
    {"name": "target-partner", "alarm": False},
    {"name": "target-shop", "alarm": True},
]


def reported(**outcomes):
    """The line for checks that all pass but for these."""
    all_of_them = {check["name"]: (PASSED, None, 0.0123) for check in CHECKS}
    all_of_them.update({name.replace("_", "-"): (outcome, "because", 4.0) for name, outcome in outcomes.items()})
    return index.report("euw1-az1", CHECKS, all_of_them, now=1_700_000_000.5)


def metrics(line):
    """What CloudWatch takes out of it."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}


class Report(unittest.TestCase):
    def test_every_check_is_a_metric_and_the_heartbeat_is_always_there(self):
        line = reported()
        self.assertEqual(metrics(line), {**{check["name"]: 1 for check in CHECKS}, "failed-checks": 0})
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        self.assertEqual(directive["Namespace"], "Groundwork/HealthCheck")
        self.assertEqual((directive["Dimensions"], line["Zone"]), ([["Zone"]], "euw1-az1"))
        self.assertEqual(line["_aws"]["Timestamp"], 1_700_000_000_500)
        self.assertEqual((line["failed"], line["reasons"]), ([], {}))

    def test_failures_are_counted_and_named_with_their_reasons(self):
        line = reported(internet=FAILED, target_shop=FAILED)
        values = metrics(line)
        self.assertEqual((values["internet"], values["target-shop"], values["failed-checks"]), (0, 0, 2))
        self.assertEqual(line["failed"], ["internet", "target-shop"])
        self.assertEqual(line["reasons"], {"internet": "because", "target-shop": "because"})

    def test_what_raises_no_alarm_is_told_and_not_counted(self):
        line = reported(target_partner=FAILED)
        self.assertEqual((metrics(line)["target-partner"], metrics(line)["failed-checks"]), (0, 0))
        self.assertEqual(line["failed"], ["target-partner"])

    def test_what_is_unknown_has_no_value_but_a_reason(self):
        line = reported(egress_address=UNKNOWN)
        self.assertNotIn("egress-address", metrics(line))
        self.assertEqual((metrics(line)["failed-checks"], line["reasons"]), (0, {"egress-address": "because"}))


class Handler(unittest.TestCase):
    def test_it_prints_one_line_and_answers_with_it(self):
        context = mock.Mock(**{"get_remaining_time_in_millis.return_value": 30_000})
        passed = {check["name"]: (PASSED, None, 0.1) for check in CHECKS}
        printed = io.StringIO()
        with (
            mock.patch.object(index, "run", return_value=passed) as run,
            contextlib.redirect_stdout(printed),
        ):
            answer = index.handler({"zone": "euw1-az1", "checks": CHECKS}, context)
        run.assert_called_once_with(CHECKS, 27)
        (line,) = printed.getvalue().splitlines()
        self.assertEqual(json.loads(line), answer)
        self.assertEqual(metrics(answer)["failed-checks"], 0)


if __name__ == "__main__":
    unittest.main()
