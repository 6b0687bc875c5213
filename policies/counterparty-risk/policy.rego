# Neither end of an intent may have a risk score above the bound. Who has no score is not trusted.
package risk

import rego.v1

default allow := false

# The scores are the provider's: the plugin gives the worst of those asked for, and nothing when one is not known.
allow if {
	data.wasm.risk.accounts == [lower(input.from), lower(input.to)]
	is_number(data.wasm.risk.worst)
	data.wasm.risk.worst <= data.params.maxScore
}
