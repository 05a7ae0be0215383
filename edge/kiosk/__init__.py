"""The touch-screen app: one module for each task a worker does, over `session`, which holds who is logged in."""
