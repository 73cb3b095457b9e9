"""Who is calling: the nodes identify and verify.

A caller is known without a word (`silent`: by what came with the call), or by what they claim (`asked`) and then prove
(`proofs`). Each of these ways is one small class behind a protocol of `ways`; the dialogue knows none of them by name.

Whether something that was claimed exists is told to nobody who has not proved that it is theirs: an unknown line and a
wrong PIN get the same questions and the same words. Pure, like all of the engine.
"""
