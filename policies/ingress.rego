# Nothing is opened to the whole world but web ports. groundwork has judged what is opened by looking at all of the
# resource before and after; what remains to decide here is what is allowed.
package groundwork.ingress

import rego.v1

web := {"tcp 443", "tcp 80"}

deny contains {"msg": msg, "address": resource.address} if {
	some resource in input.resource_changes
	some danger in resource.dangers
	danger.kind == "ingress-opened"
	contains(danger.detail, "the whole world")
	every port in web {
		not startswith(danger.detail, sprintf("lets in %s from", [port]))
	}
	msg := sprintf("%s %s", [resource.address, danger.detail])
}
