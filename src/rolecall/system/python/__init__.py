"""Python itself: light frozen values, the packages beside rolecall, and where rolecall was installed from."""
