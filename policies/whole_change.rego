# Rules about the change as a whole: what is fine in one account can be too much in fifty.
package groundwork.all.whole_change

import rego.v1

replaces_gateway contains digest.account if {
	some digest in input.digests
	some resource in digest.resource_changes
	resource.type == "aws_nat_gateway"
	"delete" in resource.change.actions
}

destroys contains digest.account if {
	some digest in input.digests
	some resource in digest.resource_changes
	"delete" in resource.change.actions
}

deny contains {"msg": msg, "accounts": [account | some account in replaces_gateway]} if {
	count(replaces_gateway) > data.groundwork.most_replaced_gateways
	msg := sprintf("%d accounts lose a NAT gateway at once, and %d may: split the change", [
		count(replaces_gateway),
		data.groundwork.most_replaced_gateways,
	])
}

warn contains {"msg": msg, "accounts": [account | some account in destroys]} if {
	count(destroys) > data.groundwork.most_destroying_accounts
	msg := sprintf("%d accounts destroy something in one change", [count(destroys)])
}
