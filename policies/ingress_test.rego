package groundwork.ingress_test

import data.groundwork.ingress
import rego.v1

opened(detail) := {"resource_changes": [{
	"address": "aws_security_group.web",
	"type": "aws_security_group",
	"change": {"actions": ["update"]},
	"dangers": [{"kind": "ingress-opened", "detail": detail}],
}]}

test_ssh_for_the_world_is_denied if {
	count(ingress.deny) == 1 with input as opened("lets in tcp 22 from `0.0.0.0/0`, the whole world")
}

test_everything_for_the_world_is_denied if {
	count(ingress.deny) == 1 with input as opened("lets in everything from `::/0`, the whole world")
}

test_https_for_the_world_is_allowed if {
	count(ingress.deny) == 0 with input as opened("lets in tcp 443 from `0.0.0.0/0`, the whole world")
}

test_a_port_that_begins_like_one_is_denied if {
	count(ingress.deny) == 1 with input as opened("lets in tcp 4430 from `0.0.0.0/0`, the whole world")
}

test_a_neighbour_may_come_in if {
	count(ingress.deny) == 0 with input as opened("lets in tcp 22 from `10.0.0.0/8`")
}

test_no_danger_no_denial if {
	count(ingress.deny) == 0 with input as {"resource_changes": [{"address": "a.b", "type": "a", "change": {"actions": ["create"]}, "dangers": []}]}
}
