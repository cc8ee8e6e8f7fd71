package groundwork.identity_test

import data.groundwork.identity
import rego.v1

resource(kind, actions, dangers) := {"resource_changes": [{
	"address": sprintf("%s.x", [kind]),
	"type": kind,
	"change": {"actions": actions},
	"dangers": dangers,
}]}

widened(detail) := [{"kind": "iam", "detail": detail}]

test_an_access_key_is_denied if {
	count(identity.deny) == 1 with input as resource("aws_iam_access_key", ["create"], [])
}

test_an_access_key_may_go if {
	count(identity.deny) == 0 with input as resource("aws_iam_access_key", ["delete"], [])
}

test_everything_is_denied if {
	count(identity.deny) == 1 with input as resource("aws_iam_policy", ["create"], widened("policy: allows `*` on `*`"))
}

test_more_than_before_is_a_warning if {
	some_more := widened("policy: allows `s3:PutObject` on `*`")
	count(identity.deny) == 0 with input as resource("aws_iam_policy", ["update"], some_more)
	count(identity.warn) == 1 with input as resource("aws_iam_policy", ["update"], some_more)
}
