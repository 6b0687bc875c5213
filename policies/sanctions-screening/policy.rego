# An intent may proceed only if every account it touches was screened, and none is on the list.
package sanctions

import rego.v1

default allow := false

# Both ends of the intent, and the accounts that the client always has screened.
parties contains lower(input.from)

parties contains lower(input.to)

parties contains lower(account) if some account in data.params.alsoScreen

screened contains account if some account in data.wasm.screening.screened

allow if {
	is_string(input.from)
	is_string(input.to)
	is_array(data.wasm.screening.hits)
	count(data.wasm.screening.hits) == 0
	count(parties - screened) == 0
}
