"""The test harness: scripted fakes for every provider, virtual time, a journal. Names load when they are touched."""
