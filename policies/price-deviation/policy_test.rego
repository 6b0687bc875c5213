package price

import rego.v1

swap := {"token_in": "0xAA", "token_out": "0xBB", "amount_in": "100", "min_amount_out": "49"}

rules := {"references": {"0xaa/0xbb": {"priceE18": "500000000000000000", "maxWorseBps": 200}}}

computed := {"amountIn": "100", "minAmountOut": "49", "priceE18": "500000000000000000", "worseBps": 200}

verdict(change) if {
	allow with input as {"swap": swap} with data.params as rules with data.wasm.deviation as object.union(computed, change)
}

test_allow_when_at_the_bound if {
	verdict({})
}

test_deny_when_one_basis_point_worse if {
	not verdict({"worseBps": 201})
}

test_deny_when_another_amount_was_divided if {
	not verdict({"amountIn": "99"})
	not verdict({"minAmountOut": "50"})
}

test_deny_when_another_price_was_used if {
	not verdict({"priceE18": "1"})
}

test_deny_when_the_pair_is_unknown if {
	turned := object.union(swap, {"token_in": "0xbb", "token_out": "0xaa"})
	not allow with input as {"swap": turned} with data.params as rules with data.wasm.deviation as computed
}

test_deny_when_there_is_no_answer if {
	not verdict({"worseBps": null})
	not allow with input as {"swap": swap} with data.params as rules with data.wasm.deviation as {"error": "no"}
}
