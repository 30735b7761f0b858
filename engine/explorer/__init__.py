"""The explorer: a page on this machine for changing a scenario's assumptions and comparing two sets of measures.

state_of(query, offer) -> State                  the state, from the page's address
Simulator(offer).simulated(state) -> Simulated   both sides of it, as a dataset
figures, words, timeline                         from that dataset to the parts of the page
layout, callbacks                                positions of the parts, and their dependencies
guard, serving                                   access control, and the server
"""

from engine.extras import need

need("explore", "dash", "waitress")
