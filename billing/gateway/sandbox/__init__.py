"""Play money: Stripe's API in our own process, for the demo and the tests.

The real adapter and Stripe's real library talk to it; only the wire is replaced
(``transport``). Parameters are judged by the shapes that Stripe ships with its library, so
a call that Stripe would not understand fails here too. Its hosted page is ``services``.
"""
