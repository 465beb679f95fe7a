"""The pages for those who are not signed in: what this is, which models there are, what it costs. Plain HTML from the server."""
