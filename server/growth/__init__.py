"""How children grow: who was measured, how many are malnourished, whom to see first, and how well it was measured."""
