"""Worker processes that answer one query at a time, and who gets one."""
