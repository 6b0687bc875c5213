# An intent may spend at most a limit per transaction, by token and by class of recipient.
package spend

import rego.v1

default allow := false

is_plain if input.data == "0x"

is_token_transfer if {
	not is_plain
	input.function == "transfer"
	input.value == "0"
}

token := "native" if is_plain

token := lower(input.to) if is_token_transfer

recipient := lower(input.to) if is_plain

recipient := lower(input.decoded_function_arguments[0]) if is_token_transfer

amount := input.value if is_plain

amount := input.decoded_function_arguments[1] if is_token_transfer

default recipient_class := "other"

recipient_class := data.params.classes[recipient]

limit := data.params.limits[token][recipient_class]

# The plugin compares, as amounts in wei are larger than JSON numbers are exact. What it compared must be what is
# spent and what is allowed.
allow if {
	data.wasm.compare.amount == amount
	data.wasm.compare.limit == limit
	data.wasm.compare.isWithinLimit == true
}
