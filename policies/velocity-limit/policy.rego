# A client may send at most so many intents, and so much ether in all, within a rolling window.
package velocity

import rego.v1

default allow := false

# What the network has recorded of the client, newest first: `{timestamp, value}` each.
within_window := [entry.value |
	some entry in input.recent
	entry.timestamp > input.block_timestamp - data.params.windowSeconds
]

amounts := array.concat([input.value], within_window)

# Wei are larger than JSON numbers are exact: the plugin adds, and repeats what it added.
allow if {
	is_array(input.recent)
	is_number(input.block_timestamp)
	every entry in input.recent { is_number(entry.timestamp) }
	count(amounts) <= data.params.maxIntents
	data.wasm.sum.amounts == amounts
	data.wasm.sum.limit == data.params.limitWei
	data.wasm.sum.isWithinLimit == true
}
