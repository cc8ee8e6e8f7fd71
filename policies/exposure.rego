# Nothing becomes public. Where something has to, the exception belongs into this file, where it is reviewed.
package groundwork.exposure

import rego.v1

deny contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	some danger in resource.dangers
	danger.kind == "public-exposure"
	msg := sprintf("%s becomes public: %s", [resource.address, danger.detail])
}
