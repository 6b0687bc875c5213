package sanctions

import rego.v1

alice := "0x00000000000000000000000000000000000A11CE"

bob := "0x0000000000000000000000000000000000000b0b"

both := {"screened": [lower(alice), bob], "hits": []}

intent := {"from": alice, "to": bob}

test_allow_when_both_ends_are_screened if {
	allow with input as intent with data.wasm.screening as both
}

test_deny_when_one_is_listed if {
	listed := {"screened": both.screened, "hits": [bob]}
	not allow with input as intent with data.wasm.screening as listed
}

test_deny_when_one_was_not_screened if {
	partly := {"screened": [bob], "hits": []}
	not allow with input as intent with data.wasm.screening as partly
}

test_deny_when_an_account_of_the_params_was_not_screened if {
	not allow with input as intent with data.wasm.screening as both with data.params.alsoScreen as ["0x01"]
}

test_deny_when_the_plugin_failed if {
	not allow with input as intent with data.wasm.screening as {"error": "not an address"}
}

test_deny_when_there_is_no_recipient if {
	not allow with input as {"from": alice} with data.wasm.screening as both
}
