"""The test suite: mirrors the rooms, plus races/, faults/, browser/ and law/."""
