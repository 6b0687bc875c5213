package allowlist

import rego.v1

token := "0x00000000000000000000000000000000000000d0"

alice := "0x00000000000000000000000000000000000a11ce"

params := {"functions": {token: ["0xa9059cbb"]}, "recipients": [alice]}

decoded := {"to": token, "data": "0xa9059cbb01", "selector": "0xa9059cbb", "recipient": alice}

intent := {"to": token, "data": "0xA9059CBB01"}

test_allow_when_function_and_recipient_are_listed if {
	allow with input as intent with data.params as params with data.wasm.calldata as decoded
}

test_deny_when_the_recipient_is_not_listed if {
	other := object.union(decoded, {"recipient": token})
	not allow with input as intent with data.params as params with data.wasm.calldata as other
}

test_deny_when_the_function_is_not_listed if {
	other := object.union(decoded, {"selector": "0x095ea7b3"})
	not allow with input as intent with data.params as params with data.wasm.calldata as other
}

test_deny_when_another_call_was_decoded if {
	other := object.union(decoded, {"data": "0xa9059cbb02"})
	not allow with input as intent with data.params as params with data.wasm.calldata as other
}

test_deny_when_the_function_is_unknown_to_the_plugin if {
	other := object.union(decoded, {"recipient": null})
	not allow with input as intent with data.params as params with data.wasm.calldata as other
}

test_deny_when_the_plugin_failed if {
	not allow with input as intent with data.params as params with data.wasm.calldata as {"error": "too short"}
}

test_allow_when_ether_goes_to_a_listed_recipient if {
	plain := {"to": alice, "data": "0x", "selector": "0x", "recipient": alice}
	allow with input as {"to": alice, "data": "0x"} with data.params as params with data.wasm.calldata as plain
}

test_deny_when_ether_goes_elsewhere if {
	plain := {"to": token, "data": "0x", "selector": "0x", "recipient": token}
	not allow with input as {"to": token, "data": "0x"} with data.params as params with data.wasm.calldata as plain
}
