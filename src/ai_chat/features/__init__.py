"""What the product does, one folder a feature. Imports go down this list only:

chats > billing > usage > catalog > accounts
"""
