package gas

import rego.v1

caps := {"maxFeePerGasWei": "60000000000", "maxPriorityFeePerGasWei": "2000000000", "maxGas": 500000}

cheap := {"max_fee_per_gas": "60000000000", "max_priority_fee_per_gas": "1000000000", "gas_limit": 21000}

test_allow_when_at_the_caps if {
	allow with input as cheap with data.params as caps
}

test_deny_when_one_wei_above if {
	not allow with input as object.union(cheap, {"max_fee_per_gas": "60000000001"}) with data.params as caps
}

test_deny_when_the_tip_is_above if {
	not allow with input as object.union(cheap, {"max_priority_fee_per_gas": "2000000001"}) with data.params as caps
}

test_deny_when_too_much_gas if {
	not allow with input as object.union(cheap, {"gas_limit": 500001}) with data.params as caps
}

test_deny_when_gas_is_no_number if {
	not allow with input as object.union(cheap, {"gas_limit": null}) with data.params as caps
}

test_deny_when_the_fee_is_no_amount if {
	not allow with input as object.union(cheap, {"max_fee_per_gas": "1e1"}) with data.params as caps
	not allow with input as object.union(cheap, {"max_fee_per_gas": 1}) with data.params as caps
}

test_deny_when_a_cap_is_missing if {
	not allow with input as cheap with data.params as object.remove(caps, ["maxGas"])
}
