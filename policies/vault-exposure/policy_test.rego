package vault

import rego.v1

rules := {"vaults": {"0xfa": {"maxShareBps": 4000}}}

intent := {"deposit": {"vault": "0xFA", "amount": "5"}}

computed := {"vault": "0xfa", "amount": "5", "shareBps": 4000}

verdict(change) if {
	allow with input as intent with data.params as rules with data.wasm.exposure as object.union(computed, change)
}

test_allow_when_at_the_share if {
	verdict({})
}

test_deny_when_above_the_share if {
	not verdict({"shareBps": 4001})
}

test_deny_when_another_vault_was_computed if {
	not verdict({"vault": "0xfb"})
}

test_deny_when_another_amount_was_computed if {
	not verdict({"amount": "1"})
}

test_deny_when_the_vault_is_not_listed if {
	other := {"deposit": {"vault": "0xfb", "amount": "5"}}
	not allow with input as other with data.params as rules with data.wasm.exposure as object.union(computed, {"vault": "0xfb"})
}

test_deny_when_there_is_no_answer if {
	not verdict({"shareBps": null})
	not allow with input as intent with data.params as rules with data.wasm.exposure as {}
}
