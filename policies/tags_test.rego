package groundwork.tags_test

import data.groundwork.tags
import rego.v1

created(after) := {"resource_changes": [{
	"address": "aws_vpc.main",
	"type": "aws_vpc",
	"change": {"actions": ["create"], "after": after, "after_unknown": {}},
}]}

test_a_missing_tag_is_a_warning if {
	count(tags.warn) == 1 with input as created({"tags_all": {"domain": "catalog"}})
}

test_all_tags_are_enough if {
	count(tags.warn) == 0 with input as created({"tags_all": {"domain": "catalog", "environment": "prod"}})
}

test_what_cannot_be_tagged_need_not_be if {
	count(tags.warn) == 0 with input as created({"cidr_block": "10.0.0.0/16"})
}
