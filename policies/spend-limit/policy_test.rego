package spend

import rego.v1

exchange := "0x00000000000000000000000000000000000000e1"

usd := "0x00000000000000000000000000000000000000d0"

params := {
	"classes": {exchange: "exchange"},
	"limits": {"native": {"exchange": "1000", "other": "10"}, usd: {"exchange": "5000000"}},
}

plain := {"to": exchange, "value": "1000", "data": "0x"}

within := {"amount": "1000", "limit": "1000", "isWithinLimit": true}

test_allow_when_within_the_limit if {
	allow with input as plain with data.params as params with data.wasm.compare as within
}

test_allow_when_tokens_are_within_the_limit if {
	intent := {
		"to": usd, "value": "0", "data": "0xa9059cbb", "function": "transfer",
		"decoded_function_arguments": [upper(exchange), "4999999"],
	}
	compared := {"amount": "4999999", "limit": "5000000", "isWithinLimit": true}
	limit == "5000000" with input as object.union(intent, {"decoded_function_arguments": [exchange]})
		with data.params as params
	not allow with input as intent with data.params as params with data.wasm.compare as within
	allow with input as object.union(intent, {"decoded_function_arguments": [exchange, "4999999"]})
		with data.params as params
		with data.wasm.compare as compared
}

test_deny_when_above_the_limit if {
	above := {"amount": "1000", "limit": "1000", "isWithinLimit": false}
	not allow with input as plain with data.params as params with data.wasm.compare as above
}

test_deny_when_another_amount_was_compared if {
	other := {"amount": "1", "limit": "1000", "isWithinLimit": true}
	not allow with input as plain with data.params as params with data.wasm.compare as other
}

test_deny_when_another_limit_was_compared if {
	stranger := {"to": "0x01", "value": "1000", "data": "0x"}
	not allow with input as stranger with data.params as params with data.wasm.compare as within
}

test_deny_when_the_token_has_no_limit if {
	not allow with input as plain with data.params as {"classes": {}, "limits": {}} with data.wasm.compare as within
}

test_deny_when_the_plugin_failed if {
	not allow with input as plain with data.params as params with data.wasm.compare as {"error": "not an amount"}
}
