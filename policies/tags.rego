# What is created says whose it is. The tags that are asked for are in data.json.
package groundwork.tags

import rego.v1

warn contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	"create" in resource.change.actions
	tags := resource.change.after.tags_all
	some tag in data.groundwork.required_tags
	not tags[tag]
	not resource.change.after_unknown.tags_all
	msg := sprintf("%s is created without the tag %s", [resource.address, tag])
}
