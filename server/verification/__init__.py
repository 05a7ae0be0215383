"""How people were verified, and whether that was fair: figures of groups, never of a worker."""
