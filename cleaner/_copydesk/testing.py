"""Contract tests for your own rules and checks, in one line of pytest.

    import copydesk.testing

    test_contract = copydesk.testing.contract("lantern-rules")

It makes a test for each law of each rule, and one for each check, for example
`test_contract[lantern/stamp-restores]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cleaner.rule_tools.contract import LAWS, ContractCase, find_contract_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LAWS", "contract"]


def contract(*distributions: str, laws: Sequence[str] = LAWS) -> Callable[..., Any]:
    """Return a pytest test that fails for each law that rules or checks of installed distributions break.

    `laws` chooses from `LAWS`.
    """
    import pytest

    cases = list(find_contract_cases(distributions, laws))

    @pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])
    def test_contract(case: ContractCase) -> None:
        failures = case.failures()
        if failures:
            pytest.fail("\n".join(failures), pytrace=False)

    return test_contract
