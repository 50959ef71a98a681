"""Files of test cases in the format of tests/engine/vectors: anybody may check the engine with theirs.

`files` and `cases` read and check them, `ask` asks the engine, `peers` knows why we differ from whom, and
`report` says it all. The room stands on the standard library and the engine alone.
"""
