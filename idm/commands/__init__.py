"""The commands, one file a group. Each reads its arguments, calls a flow, and answers with a document and its text.

`command` holds what all share: examples, `--json`, lazy groups. `answer` prints. `session` opens the installation and reads files.
A module here imports bootstrap, the store or a server only inside the functions that need them, so that help stays quick.
"""
