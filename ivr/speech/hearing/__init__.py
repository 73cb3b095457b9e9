"""Callers' words: from 20 ms of sound at a time to `SpeechBegan` and `Spoke`, by Vosk in a process of its own.

In the controller (none of it imports vosk):

    voice      is this voice?                      grammar    what the phrases of a question are to a recogniser
    endpoint   when somebody speaks, and has spoken  protocol   the messages of a vosk-server, both ways
    client     one utterance at a vosk-server      listening  one `Listen`: sound in, events out
    sound      an utterance's, on its way there    transcript what has been recognised of it
    place      one caller                          recogniser all callers: who may have a place
    watch      is a server there?                  minder     the process with the models, kept alive

In that process:

    server     what speaks to those outside        vosk_model the only one that knows vosk

Pure: grammar, endpoint, protocol, transcript. No sound is kept, and no word is logged.
"""
