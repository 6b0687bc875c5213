# A token may be approved for listed spenders, up to a cap. Nothing else is allowed, and no approval without bound.
package approval

import rego.v1

default allow := false

cap := data.params.caps[lower(input.to)][data.wasm.approval.spender]

allow if {
	input.value == "0"
	data.wasm.approval.data == input.data
	data.wasm.approval.cap == cap
	data.wasm.approval.isWithinCap == true
}
