"""The pytest plugin: data files as tests, and the fixture `assert_suite`."""
