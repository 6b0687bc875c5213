# A deposit may leave at most a share of the portfolio in one vault. The positions are the client's secrets.
package vault

import rego.v1

default allow := false

listed := data.params.vaults[lower(input.deposit.vault)]

allow if {
	data.wasm.exposure.vault == lower(input.deposit.vault)
	data.wasm.exposure.amount == input.deposit.amount
	is_number(data.wasm.exposure.shareBps)
	data.wasm.exposure.shareBps <= listed.maxShareBps
}
