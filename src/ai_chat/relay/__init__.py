"""The heart: generations that outlive the connections that started them.

A generation reads one upstream stream, keeps the text, and writes an ordered log of frames; readers, however many, on
whichever connection, follow that log. Nothing here knows a web framework, SQL or a vendor's name.
"""
