# An intent may call listed functions of listed contracts. Ether goes only to functions that may be paid.
package selectors

import rego.v1

default allow := false

# Whole bytes, and at least a selector.
selector := lower(substring(input.data, 0, 10)) if regex.match(`^0x([0-9a-fA-F]{8})([0-9a-fA-F]{2})*$`, input.data)

contract := data.params.contracts[lower(input.to)]

allow if {
	selector in contract.functions
	input.value == "0"
}

allow if {
	selector in contract.payable
	regex.match(`^(0|[1-9][0-9]{0,77})$`, input.value)
}
