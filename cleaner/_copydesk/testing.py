"""The tests that a distribution of rules or checks should pass, in one line of pytest.

    import copydesk.testing

    test_contract = copydesk.testing.contract("lantern-rules")

There is a case for each rule and each of its laws, and for each check: `test_contract[lantern/stamp-restores]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cleaner.rule_tools.contract import LAWS, ContractCase, find_contract_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LAWS", "contract"]


def contract(*distributions: str, laws: Sequence[str] = LAWS) -> Callable[..., Any]:
    """Give a test of pytest that fails for what the rules and checks of installed distributions do not keep.

    `laws` are those of `LAWS` that rules are held to.
    """
    import pytest

    promises = list(find_contract_cases(distributions, laws))

    @pytest.mark.parametrize("promise", promises, ids=[promise.name for promise in promises])
    def test_contract(promise: ContractCase) -> None:
        broken = promise.broken()
        if broken:
            pytest.fail("\n".join(broken), pytrace=False)

    return test_contract
