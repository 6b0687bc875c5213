package approval

import rego.v1

rules := {"caps": {"0xd0": {"0xe1": "5"}}}

intent := {"to": "0xD0", "value": "0", "data": "0x095ea7b3"}

decoded := {"data": "0x095ea7b3", "spender": "0xe1", "amount": "5", "cap": "5", "isWithinCap": true}

verdict(change) if {
	allow with input as intent with data.params as rules with data.wasm.approval as object.union(decoded, change)
}

test_allow_when_at_the_cap if {
	verdict({})
}

test_deny_when_above_the_cap if {
	not verdict({"isWithinCap": false})
}

test_deny_when_another_call_was_decoded if {
	not verdict({"data": "0x"})
}

test_deny_when_another_cap_was_compared if {
	not verdict({"cap": "6"})
}

test_deny_when_the_spender_is_not_listed if {
	not verdict({"spender": "0xe2"})
}

test_deny_when_ether_goes_along if {
	not allow with input as object.union(intent, {"value": "1"}) with data.params as rules with data.wasm.approval as decoded
}

test_deny_when_it_is_no_approval if {
	not allow with input as intent with data.params as rules with data.wasm.approval as {"error": "no approval"}
}
