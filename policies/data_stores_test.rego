package groundwork.data_stores_test

import data.groundwork.data_stores
import rego.v1

account(protected, kind, actions) := {
	"account": "catalog/prod",
	"protected": protected,
	"resource_changes": [{"address": "x.y", "type": kind, "change": {"actions": actions}}],
}

test_a_bucket_that_goes_is_denied if {
	count(data_stores.deny) == 1 with input as account(true, "aws_s3_bucket", ["delete"])
}

test_a_database_that_is_replaced_is_denied if {
	count(data_stores.deny) == 1 with input as account(true, "aws_db_instance", ["create", "delete"])
}

test_elsewhere_it_may_go if {
	count(data_stores.deny) == 0 with input as account(false, "aws_s3_bucket", ["delete"])
}

test_what_holds_no_data_may_go if {
	count(data_stores.deny) == 0 with input as account(true, "aws_iam_role", ["delete"])
}

test_an_update_is_no_loss if {
	count(data_stores.deny) == 0 with input as account(true, "aws_s3_bucket", ["update"])
}
