"""What a store of this kiosk says when it cannot do what it was asked to."""


class StoreError(RuntimeError):
    """The store could not take or give something; the text says what to do. `full`: there was no space left."""

    def __init__(self, text: str, *, full: bool = False) -> None:
        super().__init__(text)
        self.full = full


class ReceiptRejected(ValueError):
    """A genuine receipt that does not fit this store; nothing was forgotten on it."""
