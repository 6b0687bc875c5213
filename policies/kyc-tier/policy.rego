# The sender has passed a check of identity that is good enough and still valid, and lives in no blocked country. The
# records are the client's secrets: the plugin sees them, and says no more than the decision needs.
package kyc

import rego.v1

default allow := false

allow if {
	is_number(input.block_timestamp)
	data.wasm.kyc.address == lower(input.from)
	data.wasm.kyc.blockedCountries == data.params.blockedCountries
	data.wasm.kyc.isFromBlockedCountry == false
	is_number(data.wasm.kyc.tier)
	data.wasm.kyc.tier >= data.params.minTier
	is_number(data.wasm.kyc.expires)
	data.wasm.kyc.expires > input.block_timestamp
}
