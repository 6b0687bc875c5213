package selectors

import rego.v1

usd := "0x00000000000000000000000000000000000000d0"

listed := {"contracts": {usd: {"functions": ["0xa9059cbb"], "payable": ["0xd0e30db0"]}}}

call := {"to": usd, "value": "0", "data": "0xA9059CBB0000"}

test_allow_when_listed if {
	allow with input as call with data.params as listed
}

test_allow_when_paid_and_payable if {
	allow with input as object.union(call, {"data": "0xd0e30db0", "value": "1"}) with data.params as listed
}

test_deny_when_paid_and_not_payable if {
	not allow with input as object.union(call, {"value": "1"}) with data.params as listed
}

test_deny_when_another_function if {
	not allow with input as object.union(call, {"data": "0x095ea7b3"}) with data.params as listed
}

test_deny_when_another_contract if {
	not allow with input as object.union(call, {"to": "0x01"}) with data.params as listed
}

test_deny_when_no_selector if {
	not allow with input as object.union(call, {"data": "0xa9059c"}) with data.params as listed
	not allow with input as object.union(call, {"data": "0x"}) with data.params as listed
	not allow with input as object.union(call, {"data": "0xa9059cbb0"}) with data.params as listed
}
