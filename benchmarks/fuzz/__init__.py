"""`make fuzz`: every parser of what others write, fed by a coverage-guided fuzzer; see docs/security.md."""
