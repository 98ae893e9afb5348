"""Dates of newspapers, and no date where there is none."""

from datetime import date

import pytest

from corpus.dates import iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-02-26", "2026-02-26"), ("2026-02", "2026-02"), ("2024", "2024"), (2024, "2024"),
        (date(2026, 2, 26), "2026-02-26"), ("26 February 2026", "2026-02-26"), ("Feb. 24, 1994", "1994-02-24"),
        ("2026-02-26T14:48:00+04:00", "2026-02-26"), ("February 2026", "2026-02"),
        ("Thursday, 26 February 2026 14:48", "2026-02-26"),
        ("05.03.2024", "2024-03-05"), ("03/04/2024", "2024"), ("25/04/2024", "2024-04-25"),
        ("May 5-6, 2024", "2024"), ("24/25 May 2024", "2024"), ("Monday, February 2024", "2024-02"),
        ("12-12-12-12-2024", None), ("26 Feb 2024 10:00 AZT", "2024-02-26"), ("2023 or 2024", None),
        ("Sat 2 Sep 2023 06.00 BST", "2023-09-02"), ("the 26th of February 2026", "2026-02-26"),
        ("Spring 2024", "2024"), ("c. 1950", "1950"), ("mid-May 2024", "2024-05"),
        ("2026-02-30", None), ("soon", None), ("26 February", None), ("", None), ("1234567890123", None),
    ],
)  # fmt: skip
def test_iso_date(written: object, iso: str | None) -> None:
    """As much of the date as is said, and no more."""
    assert iso_date(written) == iso
