# An intent may pay at most so much for a unit of gas, and ask for at most so much gas.
package gas

import rego.v1

default allow := false

# Wei that a JSON number holds exactly: at most 15 digits, a million gwei and more.
wei(text) := to_number(text) if regex.match(`^(0|[1-9][0-9]{0,14})$`, text)

# Numbers only: Rego compares values of different types as well.
allow if {
	is_number(input.gas_limit)
	input.gas_limit > 0
	input.gas_limit <= data.params.maxGas
	wei(input.max_fee_per_gas) <= wei(data.params.maxFeePerGasWei)
	wei(input.max_priority_fee_per_gas) <= wei(data.params.maxPriorityFeePerGasWei)
	wei(input.max_priority_fee_per_gas) <= wei(input.max_fee_per_gas)
}
