# A swap may take no worse price than the reference of its pair, less so many basis points.
package price

import rego.v1

default allow := false

pair := concat("/", [lower(input.swap.token_in), lower(input.swap.token_out)])

reference := data.params.references[pair]

# The plugin divides, as amounts are larger than JSON numbers are exact, and repeats what it was given.
allow if {
	data.wasm.deviation.amountIn == input.swap.amount_in
	data.wasm.deviation.minAmountOut == input.swap.min_amount_out
	data.wasm.deviation.priceE18 == reference.priceE18
	is_number(data.wasm.deviation.worseBps)
	data.wasm.deviation.worseBps <= reference.maxWorseBps
}
