# An intent may proceed on listed weekdays, between two times of the day (UTC), and not on closed days.
package hours

import rego.v1

default allow := false

# The clock is the block's, which every operator reads alike.
timestamp := input.block_timestamp if is_number(input.block_timestamp)

day := floor(timestamp / 86400)

second := timestamp - (day * 86400)

# The first of January 1970 was a Thursday; 0 is Sunday.
weekday := (day + 4) % 7

allow if {
	timestamp > 0
	weekday in data.params.weekdays
	second >= data.params.fromSecond
	second < data.params.untilSecond
	not is_closed
}

is_closed if day in data.params.closedDays
