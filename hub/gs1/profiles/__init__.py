"""What a law or a customer asks of events beyond the standard: profiles as data, one file each, and their judge. Pure.

Adding a profile is adding a file to this folder: ``form`` reads and checks it, ``judging`` holds events against it.
"""
