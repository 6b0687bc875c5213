package hours

import rego.v1

office := {"weekdays": [1, 2, 3, 4, 5], "fromSecond": 28800, "untilSecond": 64800, "closedDays": [20089]}

# Monday the sixth of January 2025, 12:00.
monday := 1736164800

test_weekday_when_known if {
	weekday == 1 with input as {"block_timestamp": monday}
	weekday == 4 with input as {"block_timestamp": 1}
}

test_allow_when_open if {
	allow with input as {"block_timestamp": monday} with data.params as office
}

test_deny_when_closing if {
	not allow with input as {"block_timestamp": monday + 21600} with data.params as office
	allow with input as {"block_timestamp": monday + 21599} with data.params as office
}

test_deny_when_too_early if {
	not allow with input as {"block_timestamp": monday - 14401} with data.params as office
}

test_deny_when_sunday if {
	not allow with input as {"block_timestamp": monday - 86400} with data.params as office
}

test_deny_when_a_closed_day if {
	not allow with input as {"block_timestamp": 20089 * 86400 + 40000} with data.params as office
}

test_deny_when_there_is_no_time if {
	not allow with input as {} with data.params as office
	not allow with input as {"block_timestamp": "1736164800"} with data.params as office
}
