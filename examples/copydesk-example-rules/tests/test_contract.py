"""The rules and the check keep the laws of the built-in rules."""

import copydesk.testing

test_contract = copydesk.testing.contract("copydesk-example-rules")
