package bridge

import rego.v1

rules := {"destinations": {"10": {"0xd0": "100"}}}

intent := {"from": "0xAA", "bridge": {"destination_chain_id": 10, "token": "0xD0", "amount": "100", "recipient": "0xaa"}}

within := {"amount": "100", "limit": "100", "isWithinLimit": true}

verdict(change) if {
	moved := object.union(intent, {"bridge": object.union(intent.bridge, change)})
	allow with input as moved with data.params as rules with data.wasm.compare as within
}

test_allow_when_at_the_limit if {
	verdict({})
}

test_deny_when_another_chain if {
	not verdict({"destination_chain_id": 1})
	not verdict({"destination_chain_id": "10"})
}

test_deny_when_another_token if {
	not verdict({"token": "0xd1"})
}

test_deny_when_to_another_account if {
	not verdict({"recipient": "0xbb"})
}

test_deny_when_another_amount_was_compared if {
	not verdict({"amount": "101"})
}

test_deny_when_above_the_limit if {
	above := object.union(within, {"isWithinLimit": false})
	not allow with input as intent with data.params as rules with data.wasm.compare as above
}

test_deny_when_another_limit_was_compared if {
	other := object.union(within, {"limit": "1000"})
	not allow with input as intent with data.params as rules with data.wasm.compare as other
}
