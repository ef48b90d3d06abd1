"""What others may want to hear of rates, without this app knowing them."""

from django.dispatch import Signal

#: An operator has set a rate, or ended one (also by setting another). Sent inside the transaction that
#: does it, which may be tried again: `sender` is RateOverride, `override` its row as it now is, `now`
#: the instant. One that expires does so in silence: its end was told when it was set.
rate_overridden = Signal()
