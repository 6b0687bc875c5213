package kyc

import rego.v1

rules := {"minTier": 2, "blockedCountries": ["KP"]}

intent := {"from": "0x00000000000000000000000000000000000A11CE", "block_timestamp": 1000}

known := {
	"address": "0x00000000000000000000000000000000000a11ce",
	"blockedCountries": ["KP"],
	"isFromBlockedCountry": false,
	"tier": 2,
	"expires": 1001,
}

verdict(change) if {
	allow with input as intent with data.params as rules with data.wasm.kyc as object.union(known, change)
}

test_allow_when_known if {
	verdict({})
}

test_deny_when_the_tier_is_lower if {
	not verdict({"tier": 1})
}

test_deny_when_it_has_expired if {
	not verdict({"expires": 1000})
}

test_deny_when_from_a_blocked_country if {
	not verdict({"isFromBlockedCountry": true})
}

test_deny_when_another_was_looked_up if {
	not verdict({"address": "0x0000000000000000000000000000000000000b0b"})
}

test_deny_when_other_countries_were_blocked if {
	not verdict({"blockedCountries": []})
}

test_deny_when_nothing_is_known if {
	not verdict({"tier": null, "expires": null})
	not allow with input as intent with data.params as rules with data.wasm.kyc as {"error": "not known"}
}
