package groundwork.whole_change_test

import data.groundwork.all.whole_change
import rego.v1

organization(number, kind, actions) := {"digests": [digest |
	some index in numbers.range(1, number)
	digest := {
		"account": sprintf("domain-%d/prod", [index]),
		"resource_changes": [{"address": "x.y", "type": kind, "change": {"actions": actions}}],
	}
]}

test_six_gateways_at_once_are_denied if {
	count(whole_change.deny) == 1 with input as organization(6, "aws_nat_gateway", ["delete", "create"])
}

test_five_are_not if {
	count(whole_change.deny) == 0 with input as organization(5, "aws_nat_gateway", ["delete", "create"])
}

test_updates_are_not_losses if {
	count(whole_change.deny) == 0 with input as organization(50, "aws_nat_gateway", ["update"])
}

test_much_destruction_is_a_warning if {
	count(whole_change.warn) == 1 with input as organization(21, "aws_iam_role", ["delete"])
	count(whole_change.warn) == 0 with input as organization(20, "aws_iam_role", ["delete"])
}
