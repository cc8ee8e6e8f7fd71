# Nobody gets everything, and nobody gets a key that never expires: `aws_iam_access_key` and
# `aws_iam_user_login_profile` put their secret into the state.
package groundwork.identity

import rego.v1

with_secret := {"aws_iam_access_key", "aws_iam_user_login_profile"}

deny contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	resource.type in with_secret
	"create" in resource.change.actions
	msg := sprintf("%s puts a secret into the state; let the user's keys be rotated outside of Terraform", [resource.address])
}

deny contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	some danger in resource.dangers
	danger.kind == "iam"
	contains(danger.detail, "allows `*` on `*`")
	msg := sprintf("%s allows everything on everything", [resource.address])
}

warn contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	some danger in resource.dangers
	danger.kind == "iam"
	not contains(danger.detail, "allows `*` on `*`")
	msg := sprintf("%s %s", [resource.address, danger.detail])
}
