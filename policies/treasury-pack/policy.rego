# Several packs in one policy. Each pack is a rule of its own, reads its own plugin and its own part of the params, and all
# must hold. One more pack is one more rule, one more line in `allow`, and one more entry in policy.json.
package treasury

import rego.v1

default allow := false

allow if {
	is_plain
	is_screened
	is_within_limit
	is_settled
}

is_plain if input.data == "0x"

# Pack 1: neither end is on the list (plugin of sanctions-screening).
is_screened if {
	data.wasm.screening.screened == [lower(input.from), lower(input.to)]
	data.wasm.screening.hits == []
}

# Pack 2: at most a limit per payment, by recipient (plugin of spend-limit).
limit := object.get(data.params.spend.limits, lower(input.to), data.params.spend.otherLimit)

is_within_limit if {
	data.wasm.compare.amount == input.value
	data.wasm.compare.limit == limit
	data.wasm.compare.isWithinLimit == true
}

# Pack 3: the params have been in force for some time.
is_settled if {
	is_number(input.block_timestamp)
	input.block_timestamp >= data.params.coolingOff.inForceFrom
}
