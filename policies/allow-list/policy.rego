# An intent may call only listed functions of listed contracts, and only in favour of listed recipients.
package allowlist

import rego.v1

default allow := false

# What the plugin decoded must be what is called.
allow if {
	data.wasm.calldata.to == lower(input.to)
	data.wasm.calldata.data == lower(input.data)
	data.wasm.calldata.selector in data.params.functions[data.wasm.calldata.to]
	data.wasm.calldata.recipient in data.params.recipients
}

# A plain transfer calls no function: the recipient alone decides.
allow if {
	data.wasm.calldata.to == lower(input.to)
	lower(input.data) == "0x"
	data.wasm.calldata.selector == "0x"
	data.wasm.calldata.recipient in data.params.recipients
}
