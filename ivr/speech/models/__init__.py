"""Speech models: where they come from, how they are brought here whole, and which words they know.

    listing  what the Vosk project has          download  a file, with progress, resume and checksum
    npm      the English model by another way   archive   a zip or tar, unpacked with mistrust
    getting  from a list or npm to a file       folder    what is a model, and which are installed
    installing  from a file to an installed one trial     does Vosk load it? asked in a process of its own
    vocabulary  the words that a model knows

Whatever comes from outside may be hostile: nothing is unpacked that has not the right checksum, and no model is
installed that Vosk has not loaded and used in another process.
"""
