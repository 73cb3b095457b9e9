"""The picture of a hotline: a flow becomes a `Picture`, a picture becomes SVG, Mermaid or DOT text.

Pure: knows the flow language and nothing else of ours. `picture` is what is drawn, `drawing` makes it from a flow;
`mermaid`, `dot` and `svg` write it. Only `layout` knows the library that finds places for boxes and arrows.
"""
