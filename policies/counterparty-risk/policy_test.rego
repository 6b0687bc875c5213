package risk

import rego.v1

intent := {"from": "0xAA", "to": "0xBB"}

scored := {"accounts": ["0xaa", "0xbb"], "worst": 30}

verdict(change) if {
	allow with input as intent with data.params as {"maxScore": 30} with data.wasm.risk as object.union(scored, change)
}

test_allow_when_at_the_bound if {
	verdict({})
}

test_deny_when_above_the_bound if {
	not verdict({"worst": 31})
}

test_deny_when_others_were_scored if {
	not verdict({"accounts": ["0xaa", "0xcc"]})
	not verdict({"accounts": ["0xaa"]})
}

test_deny_when_there_is_no_score if {
	not verdict({"worst": null})
	not verdict({"worst": false})
}

test_deny_when_the_plugin_failed if {
	not allow with input as intent with data.params as {"maxScore": 30} with data.wasm.risk as {"error": "not known"}
}
