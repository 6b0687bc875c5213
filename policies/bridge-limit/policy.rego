# Tokens may leave for listed chains, up to a limit by chain and token, and only to the sender's own account there.
package bridge

import rego.v1

default allow := false

limit := data.params.destinations[format_int(input.bridge.destination_chain_id, 10)][lower(input.bridge.token)]

allow if {
	is_number(input.bridge.destination_chain_id)
	lower(input.bridge.recipient) == lower(input.from)
	data.wasm.compare.amount == input.bridge.amount
	data.wasm.compare.limit == limit
	data.wasm.compare.isWithinLimit == true
}
