package velocity

import rego.v1

rules := {"windowSeconds": 100, "maxIntents": 2, "limitWei": "10"}

intent := {"value": "4", "block_timestamp": 1000, "recent": [{"timestamp": 901, "value": "6"}, {"timestamp": 900, "value": "9"}]}

added := {"amounts": ["4", "6"], "limit": "10", "total": "10", "isWithinLimit": true}

test_amounts_when_some_are_older if {
	amounts == ["4", "6"] with input as intent with data.params as rules
}

test_allow_when_within_both if {
	allow with input as intent with data.params as rules with data.wasm.sum as added
}

test_deny_when_too_many if {
	not allow with input as intent with data.params as object.union(rules, {"maxIntents": 1}) with data.wasm.sum as added
}

test_deny_when_too_much if {
	above := object.union(added, {"isWithinLimit": false})
	not allow with input as intent with data.params as rules with data.wasm.sum as above
}

test_deny_when_other_amounts_were_added if {
	other := object.union(added, {"amounts": ["4"]})
	not allow with input as intent with data.params as rules with data.wasm.sum as other
}

test_deny_when_a_record_has_no_time if {
	untimed := object.union(intent, {"recent": [{"value": "6"}]})
	not allow with input as untimed with data.params as rules with data.wasm.sum as object.union(added, {"amounts": ["4"]})
}

test_deny_when_there_is_no_record if {
	bare := {"value": "4", "block_timestamp": 1000}
	not allow with input as bare with data.params as rules with data.wasm.sum as object.union(added, {"amounts": ["4"]})
}
