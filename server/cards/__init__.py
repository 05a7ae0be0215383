"""Ration cards: who is given one, its number and PIN, the sheet it is printed on, and its end."""
