"""Phones home from one private subnet: runs the checks, and prints what CloudWatch makes metrics of.

What is printed leaves by the Lambda service, not by the network that is checked, so that a subnet that has lost its way
out is heard of.
"""

import json
import time

from checks import FAILED, PASSED, run

NAMESPACE = "Groundwork/HealthCheck"

# The heartbeat: there in every run, and the number of failed checks that matter.
HEARTBEAT = "failed-checks"

# What is kept of a function's time for printing, in seconds.
RESERVE = 3.0


def report(zone, checks, outcomes, now):
    """A line in CloudWatch's embedded metric format: a metric for each check, 1 for passed and 0 for failed, and the
    heartbeat. What is unknown has no value."""
    values = {name: int(outcome == PASSED) for name, (outcome, *_) in outcomes.items() if outcome in (PASSED, FAILED)}
    matter = {check["name"] for check in checks if check.get("alarm", True)}
    failed = sorted(name for name, (outcome, *_) in outcomes.items() if outcome == FAILED)
    values[HEARTBEAT] = sum(name in matter for name in failed)
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Zone"]],
        "Metrics": [{"Name": name, "Unit": "None"} for name in sorted(values)],
    }
    return {
        "_aws": {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]},
        "Zone": zone,
        **values,
        "failed": failed,
        "reasons": {name: reason for name, (_, reason, _) in sorted(outcomes.items()) if reason},
        "seconds": {name: round(seconds, 2) for name, (*_, seconds) in sorted(outcomes.items())},
    }


def handler(event, context):
    """What Lambda calls, with the zone and its checks. Its answer is what it printed, for whoever calls it by hand."""
    outcomes = run(event["checks"], context.get_remaining_time_in_millis() / 1000 - RESERVE)
    line = report(event["zone"], event["checks"], outcomes, time.time())
    print(json.dumps(line))
    return line
