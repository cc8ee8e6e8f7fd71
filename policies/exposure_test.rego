package groundwork.exposure_test

import data.groundwork.exposure
import rego.v1

test_what_becomes_public_is_denied if {
	count(exposure.deny) == 1 with input as {"resource_changes": [{
		"address": "aws_db_instance.main",
		"dangers": [{"kind": "public-exposure", "detail": "`publicly_accessible` becomes true"}],
	}]}
}

test_another_danger_is_not_this_one if {
	count(exposure.deny) == 0 with input as {"resource_changes": [{"address": "a.b", "dangers": [{"kind": "destroy"}]}]}
}
