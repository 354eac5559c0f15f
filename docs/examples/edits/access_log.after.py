"""Looks at the log of a web server."""

import re

LINE = re.compile(r'(?P<host>\S+) \S+ \S+ \[(?P<time>[^]]+)\] "(?P<request>[^"]*)" (?P<status>\d+)')


def parse_line(line):
    match = LINE.match(line)
    return None if match is None else match.groupdict()


def count_status(lines: list[str], status: int) -> int:
    total = 0
    for line in lines:
        fields = parse_line(line)
        if fields is not None and int(fields["status"]) == status:
            total += 1
    return total
