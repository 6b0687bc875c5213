package treasury

import rego.v1

rules := {
	"spend": {"limits": {"0xbb": "10"}, "otherLimit": "1"},
	"coolingOff": {"inForceFrom": 1000},
}

payment := {"from": "0xAA", "to": "0xBB", "value": "10", "data": "0x", "block_timestamp": 1000}

clean := {"screened": ["0xaa", "0xbb"], "hits": []}

within := {"amount": "10", "limit": "10", "isWithinLimit": true}

verdict(change, screening, compare) if {
	allow with input as object.union(payment, change)
		with data.params as rules
		with data.wasm as {"screening": screening, "compare": compare}
}

test_allow_when_all_packs_hold if {
	verdict({}, clean, within)
}

test_deny_when_on_the_list if {
	not verdict({}, object.union(clean, {"hits": ["0xbb"]}), within)
}

test_deny_when_others_were_screened if {
	not verdict({}, object.union(clean, {"screened": ["0xaa"]}), within)
}

test_deny_when_above_the_limit if {
	not verdict({}, clean, object.union(within, {"isWithinLimit": false}))
}

test_deny_when_another_limit_was_compared if {
	not verdict({"to": "0xcc"}, object.union(clean, {"screened": ["0xaa", "0xcc"]}), within)
}

test_deny_when_cooling_off if {
	not verdict({"block_timestamp": 999}, clean, within)
	not verdict({"block_timestamp": null}, clean, within)
}

test_deny_when_one_pack_says_nothing if {
	not verdict({}, {}, within)
	not verdict({}, clean, {})
}

test_deny_when_a_contract_is_called if {
	not verdict({"data": "0xa9059cbb"}, clean, within)
}
