"""The explorer: a page on this machine on which a scenario's assumptions are moved and two policies compared.

state_of(query, offer) -> State                  what is asked, from the page's address
Player(offer).played(state) -> Played            both sides of it, as a dataset
figures, words, story                            from that dataset to what is shown
layout, callbacks                                where it stands, and what follows from what
guard, serving                                   who may ask, and the server
"""

from engine.extras import need

need("explore", "dash", "waitress")
