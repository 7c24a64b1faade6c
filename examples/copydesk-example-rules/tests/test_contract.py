"""The rules and the check keep what copydesk's own keep."""

import copydesk.testing

test_contract = copydesk.testing.contract("copydesk-example-rules")
