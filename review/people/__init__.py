"""People: what each may do, what they did, and decisions that wait for a second one."""
